"""The agent writes one token, and the linear layers of its layer 0 are multiplied on the tile in MyHDL.

    64 tokens ── golden ──> KV cache ┐
    the next token ── q k v o gate up down of layer 0 on the tile, all else as in golden ──> scores of the next

The same step with golden arithmetic alone must give the same scores, bit for bit. The tile's memory is held to
`mx_matmul`, golden arithmetic here is `grid_matmul`: two ways of writing the same definition.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.agent.symbols import encode
from zhenwu.cosim.agent_layer import LAYER, agent, session_text
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.tile.tile_matmul import TileMatmul
from zhenwu.qwen.linear import Matmul, quantised_matmul
from zhenwu.qwen.model import Cache, forward

PRODUCTS = 7  # linear layers of one layer: query, key, value, output, gate, up, down


def decode_step(seed: int, coverage: Coverage) -> Evidence:
    """The seven products on the tile, and the step's scores held to golden ones."""
    golden = quantised_matmul("mxfp4")
    on_tile = TileMatmul(LAYER, golden, seed, coverage)
    expected, found = (scores(golden, matmul).view(np.uint32) for matmul in (golden, on_tile))
    done = merge("tile", *on_tile.evidence)
    if not done.ok:
        return done
    differing = int(np.count_nonzero(expected != found))
    if differing or len(on_tile.evidence) != PRODUCTS:
        text = f"a decode step with {len(on_tile.evidence)} products on the tile differs from the golden one in "
        return replace(done, violations=(f"{text}{differing} of {found.size} scores",))
    note = f"a decode step of the agent, {LAYER[:-1]} on the tile: {PRODUCTS} products in {done.cycles:,} cycles, "
    return replace(done, notes=(f"{note}{found.size} scores equal to golden ones in every bit",))


def scores(before: Matmul, matmul: Matmul) -> NDArray[np.float32]:
    """The scores float32[vocabulary] after the session's last token, read with `matmul`; those before it are not."""
    model, tokens = agent(), encode(session_text())[None]
    cache = Cache(model.config, 1, tokens.shape[1], model.dtype)
    forward(model, tokens[:, :-1], cache, matmul=before)
    return forward(model, tokens[:, -1:], cache, matmul=matmul)[0, 0]

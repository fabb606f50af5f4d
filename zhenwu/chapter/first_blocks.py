"""The small agent at the door of its first layer: the blocks that the tile's dot product gets to see there."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.symbols import encode
from zhenwu.golden.numerics import mx_quantise
from zhenwu.qwen.model import Qwen
from zhenwu.qwen.rms_norm import rms_norm
from zhenwu.spec.formats import BLOCK_SIZE

LAYER = "model.layers.0"


def first_blocks(model: Qwen, symbol: str, rows: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MXFP4 codes uint8[rows, 32]: the first block of the normalised symbol, and that of the first rows of q_proj."""
    hidden = model.weights["model.embed_tokens.weight"][encode(symbol)]
    normed = rms_norm(hidden, model.weights[f"{LAYER}.input_layernorm.weight"], model.config.rms_norm_eps)
    codes = [mx_quantise(each)[0][:, :BLOCK_SIZE] for each in (
        normed, model.weights[f"{LAYER}.self_attn.q_proj.weight"][:rows])]
    return np.repeat(codes[0], rows, axis=0), codes[1]

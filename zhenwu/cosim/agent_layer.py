"""Real input for the tile: the first linear layer of the small agent, and the session that it reads.

    text -> tokens -> embedding -> RMSNorm -> A[m, hidden]        A . B^T = the queries of layer 0
                                   q_proj  -> B[hidden, hidden]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.ledger import answered, page, turn
from zhenwu.agent.session import BEGINNING, Harness
from zhenwu.agent.symbols import encode
from zhenwu.agent.tools import Tools
from zhenwu.qwen.model import Qwen, load
from zhenwu.qwen.rms_norm import rms_norm

LAYER = "model.layers.0."  # what its tensors' names begin with
PREFILL_TOKENS = 64  # the first 64 of the session are one matmul, the next token is a decode step
SESSION = 10  # a seed: its first 64 symbols hold a busy answer and an expired ticket, and then the agent writes


@dataclass(frozen=True)
class AgentLayer:
    """float32 throughout: weights are BF16 values."""

    prefill: NDArray[np.float32]  # [64, hidden] RMSNorm(embedding) of the first 64 tokens
    decode: NDArray[np.float32]  # [1, hidden] of the token after them
    q_proj: NDArray[np.float32]  # [hidden, hidden], k last
    text: str  # the tokens as symbols, the decode token last


def agent_layer() -> AgentLayer:
    """Layer 0's `q_proj` of the agent, and its input for the beginning of a session."""
    model = agent()
    text = session_text()
    hidden = model.weights["model.embed_tokens.weight"][encode(text)]
    gain = model.weights[f"{LAYER}input_layernorm.weight"]
    normed = rms_norm(hidden, gain, model.config.rms_norm_eps)
    q_proj = model.weights[f"{LAYER}self_attn.q_proj.weight"]
    return AgentLayer(normed[:PREFILL_TOKENS], normed[PREFILL_TOKENS:], q_proj, text)


@cache
def agent() -> Qwen:
    """The small agent as it was trained, float32; origin: zhenwu/data/README.md."""
    return load(Path(str(files("zhenwu.data").joinpath("agent_plain"))))


def session_text() -> str:
    """The first 65 symbols of a session of the ledger, of which the last is the agent's own."""
    session, text = exchanges(), ""
    while len(text) <= PREFILL_TOKENS:
        text += next(session)
    return text[: PREFILL_TOKENS + 1]


def exchanges() -> Iterator[str]:
    """A session by the rules, without end: the page that begins it, then turns and answers."""
    tools = Tools(SESSION, Harness().habits)
    state = tools.brief()
    yield BEGINNING + page(state)
    while True:
        said = turn(state)
        yield said
        answer = tools.answer(said[0], state.ticket)
        yield answer
        state = answered(state, said[0], answer)

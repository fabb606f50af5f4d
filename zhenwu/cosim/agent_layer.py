"""Real input for the tile: the first linear layer of a small trained agent, and the tokens that it read.

    tokens -> embedding -> RMSNorm -> A[m, 128]        A . B^T = the queries of layer 0
                            q_proj -> B[128, 128]
"""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

RMS_NORM_EPSILON = np.float32(1e-6)  # `rms_norm_eps` of the agent's config
PREFILL_TOKENS = 64  # the first 64 of the transcript are one matmul, the next token is a decode step
SYMBOLS = "_abcdefghijklmnopqrstuvwxyz0123456789#:,;?+-~.!"  # by token id; 0 is padding


@dataclass(frozen=True)
class AgentLayer:
    """float32 throughout: weights are BF16 values."""

    prefill: NDArray[np.float32]  # [64, 128] RMSNorm(embedding) of the first 64 tokens
    decode: NDArray[np.float32]  # [1, 128] of the token after them
    q_proj: NDArray[np.float32]  # [128, 128], k last
    text: str  # the tokens as symbols, the decode token last


def agent_layer() -> AgentLayer:
    """Layer 0's `q_proj` and its input for the fifth transcript; origin: zhenwu/data/README.md."""
    with np.load(files("zhenwu.data").joinpath("agent_layer.npz")) as arrays:
        tokens = arrays["transcript"][: PREFILL_TOKENS + 1]
        hidden = from_bf16(arrays["embed_tokens"])[tokens]
        normed = rms_norm(hidden, from_bf16(arrays["input_layernorm"]))
        q_proj = from_bf16(arrays["q_proj"])
    text = "".join(SYMBOLS[token] for token in tokens)
    return AgentLayer(normed[:PREFILL_TOKENS], normed[PREFILL_TOKENS:], q_proj, text)


def from_bf16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of BF16 bit patterns: the upper half of a float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def rms_norm(x: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """x[..., h] / sqrt(mean(x^2) + epsilon) * weight[h], in float32 as the model computes it."""
    mean_square = np.mean(np.square(x), axis=-1, keepdims=True, dtype=np.float32)
    return x / np.sqrt(mean_square + RMS_NORM_EPSILON) * weight

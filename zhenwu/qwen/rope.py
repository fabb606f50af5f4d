"""Rotary position embedding, Su et al. 2021, arXiv 2104.09864: a query or key is turned by its position.

Coordinate i of the first half of a head and coordinate i of its second half form a pair; the pair at position p is
turned by the angle p * frequency_i. A scalar product of query and key then depends on their distance alone. Models
that were stretched to longer contexts bend the frequencies ("rope_type"). Frequencies and angles are float32 in any
model, as in `modeling_rope_utils.py` of transformers 5.24: they are part of the model, not of the arithmetic.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ROPE_TYPES = ("default", "linear", "dynamic", "yarn", "llama3", "proportional")


@dataclass(frozen=True)
class Rope:
    """How positions become angles; the fields below `theta` belong to the types that bend the frequencies."""

    head_dim: int
    theta: float
    rope_type: str = "default"
    partial_rotary_factor: float = 1.0  # the share of a head that is turned
    factor: float = 1.0  # how many times longer the context became
    original_max_position_embeddings: int = 0  # the length that the model was first trained on (dynamic, yarn, llama3)
    attention_factor: float = 1.0  # scales cosine and sine (yarn)
    beta_fast: float = 32.0  # turns over the original length above which yarn leaves a frequency alone
    beta_slow: float = 1.0  # turns below which yarn divides it by `factor`
    truncate: bool = True  # whether yarn rounds the borders between the two to whole coordinates
    low_freq_factor: float = 1.0  # the same two borders for llama3
    high_freq_factor: float = 4.0

    @property
    def rotary_dim(self) -> int:
        """How many coordinates of a head are turned; an odd share is rounded up."""
        dim = self.head_dim if self.rope_type == "proportional" else int(self.head_dim * self.partial_rotary_factor)
        return dim + dim % 2


def powers(theta: float, dim: int) -> NDArray:
    """theta^-(2i / dim) for the dim / 2 pairs, float32."""
    exponent = np.arange(0, dim, 2, dtype=np.float32) / np.float32(dim or 1)
    return np.float32(1) / np.power(np.float64(np.float32(theta)), exponent.astype(np.float64)).astype(np.float32)


def dynamic(rope: Rope, dim: int, length: int) -> NDArray:
    """Up to the original length nothing changes; beyond it theta grows with `length`, step by step in float32."""
    if length <= rope.original_max_position_embeddings:
        return powers(rope.theta, dim)
    longer = np.float32(rope.factor) * np.float32(length) / np.float32(rope.original_max_position_embeddings)
    grown = (longer - np.float32(rope.factor - 1)) ** np.float32(dim / (dim - 2))
    return powers(np.float32(rope.theta) * grown, dim)


def yarn(rope: Rope, dim: int) -> NDArray:
    """Fast pairs stay, slow pairs are divided by `factor`, a ramp between: Peng et al. 2023, arXiv 2309.00071."""
    def border(turns: float) -> float:
        length = rope.original_max_position_embeddings
        return dim * math.log(length / (turns * 2 * math.pi)) / (2 * math.log(rope.theta))

    low, high = border(rope.beta_fast), border(rope.beta_slow)
    if rope.truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    if low == high:
        high += 0.001
    kept = 1 - np.clip((np.arange(dim // 2, dtype=np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
    plain = powers(rope.theta, dim)
    stretched = np.float32(1) / (np.float32(rope.factor) / plain)
    return stretched * (1 - kept) + plain * kept


def llama3(rope: Rope, dim: int) -> NDArray:
    """Long waves are divided by `factor`, short waves stay, a ramp between: Llama 3.1."""
    plain = powers(rope.theta, dim)
    length, low, high = rope.original_max_position_embeddings, rope.low_freq_factor, rope.high_freq_factor
    wave = np.float32(2 * math.pi) / plain
    kept = (np.float32(length) / wave - np.float32(low)) / np.float32(high - low)
    ramp = (1 - kept) * plain / np.float32(rope.factor) + kept * plain
    return np.where(wave > length / low, plain / np.float32(rope.factor), np.where(wave < length / high, plain, ramp))


@lru_cache
def frequencies(rope: Rope, length: int = 0) -> NDArray:
    """The angle per position of each pair, float32[pairs]; `length`, positions in use, matters to "dynamic" alone."""
    dim = int(rope.head_dim * rope.partial_rotary_factor)
    match rope.rope_type:
        case "default":
            return powers(rope.theta, dim)
        case "linear":
            return powers(rope.theta, dim) / np.float32(rope.factor)
        case "dynamic":
            return dynamic(rope, dim, length)
        case "yarn":
            return yarn(rope, dim)
        case "llama3":
            return llama3(rope, dim)
    # proportional: all pairs of the head stand there, those beyond the share with frequency 0
    turned = int(rope.partial_rotary_factor * rope.head_dim // 2)
    plain = powers(rope.theta, rope.head_dim)
    return np.where(np.arange(len(plain)) < turned, plain, np.float32(0)) / np.float32(rope.factor)


def cos_sin(rope: Rope, positions: NDArray) -> tuple[NDArray, NDArray]:
    """Cosine and sine of the angles at positions int[b, t] -> two of float64[b, t, 1, pairs] with float32 values.

    With "dynamic" the last of the positions bends the frequencies of all; keys that a cache holds stay as they are.
    """
    length = int(positions.max(initial=-1)) + 1 if rope.rope_type == "dynamic" else 0
    angle = (positions[..., None].astype(np.float32) * frequencies(rope, length)).astype(np.float64)
    scale = np.float32(rope.attention_factor)
    cos, sin = (curve(angle).astype(np.float32) * scale for curve in (np.cos, np.sin))
    return cos.astype(np.float64)[:, :, None], sin.astype(np.float64)[:, :, None]


def rotate(x: NDArray, cos: NDArray, sin: NDArray) -> NDArray:
    """Turn the pairs of x[b, t, heads, head_dim]; what lies beyond the turned share passes unchanged."""
    pairs = cos.shape[-1]
    first, second = x[..., :pairs], x[..., pairs : 2 * pairs]
    turned = x.copy()
    turned[..., :pairs] = first * cos - second * sin
    turned[..., pairs : 2 * pairs] = second * cos + first * sin
    return turned

"""Grouped-query attention with normalised queries and keys, Ainslie et al. 2023, arXiv 2305.13245.

Each key and value head serves several query heads. They are multiplied as one matrix, so keys and values are never
repeated, and are read where they lie in the cache.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.activation import sigmoid, softmax
from zhenwu.qwen.cache import Cache
from zhenwu.qwen.config import SLIDING, Config
from zhenwu.qwen.projection import Project
from zhenwu.qwen.rms_norm import rms_norm
from zhenwu.qwen.rope import rotate

QUERIES = 128  # how many tokens of a row ask at a time: bounds the matrix of scores in a long prefill


def attention(
    index: int, x: NDArray, turn: tuple[NDArray, NDArray], count: NDArray, cache: Cache,
    config: Config, weights: Mapping[str, NDArray], project: Project,
) -> NDArray:
    """Layer `index` on x[b, t, hidden] -> [b, t, hidden]; its keys and values go into the cache.

    `turn` is cosine and sine of the tokens' positions; of row b only the first count[b] tokens are real.
    """
    batch, time, _ = x.shape
    name = f"model.layers.{index}.self_attn"
    shared, head_dim = config.num_key_value_heads, config.head_dim
    groups = config.num_attention_heads // shared
    queries = project(f"{name}.q_proj", x).reshape(batch, time, shared * groups, -1)  # head_dim, or twice that
    gate = queries[..., head_dim:]  # empty in the dense families
    keys = project(f"{name}.k_proj", x).reshape(batch, time, shared, head_dim)
    values = project(f"{name}.v_proj", x).reshape(batch, time, shared, head_dim)
    extra = cache.dtype.type(config.hybrid)
    queries = rms_norm(queries[..., :head_dim], weights[f"{name}.q_norm.weight"] + extra, config.rms_norm_eps)
    keys = rms_norm(keys, weights[f"{name}.k_norm.weight"] + extra, config.rms_norm_eps)
    queries, keys = rotate(queries, *turn), rotate(keys, *turn)
    store(cache, index, keys, values, count)
    queries = (queries * head_dim**-0.5).astype(cache.dtype, copy=False)
    queries = queries.reshape(batch, time, shared, groups, head_dim).transpose(0, 2, 3, 1, 4)  # [b, kv, g, t, d]
    window = config.sliding_window if config.layer_types[index] == SLIDING else cache.capacity
    out = np.empty((batch, time, shared, groups, head_dim))
    for start in range(0, time, QUERIES):
        part = slice(start, min(start + QUERIES, time))
        out[:, part] = attend(cache, index, queries[:, :, :, part], start, window).transpose(0, 3, 1, 2, 4)
    out = out.reshape(batch, time, -1)
    if config.hybrid:
        out *= sigmoid(gate).reshape(batch, time, -1)
    return project(f"{name}.o_proj", out)


def store(cache: Cache, index: int, keys: NDArray, values: NDArray, count: NDArray) -> None:
    """Write the real ones of keys and values[b, t, kv, d] behind what each row of the cache holds."""
    rows, steps = np.nonzero(np.arange(keys.shape[1]) < count[:, None])
    places = cache.length[rows] + steps
    cache.keys[index][rows, :, places] = cache.kv(keys[rows, steps].astype(cache.dtype))
    cache.values[index][rows, :, places] = cache.kv(values[rows, steps].astype(cache.dtype))


def attend(cache: Cache, index: int, queries: NDArray, start: int, window: int) -> NDArray:
    """softmax(q k^T) v over the stored tokens that a query may see: queries[b, kv, g, t, d] -> the same shape.

    The queries belong to the tokens start, start + 1, ... of this call. Each sees the `window` tokens up to itself.
    """
    batch, shared, groups, time, head_dim = queries.shape
    place = np.minimum(cache.length[:, None] + start + np.arange(time), cache.capacity - 1)  # [b, t]
    used = int(place.max()) + 1
    keys, values = cache.keys[index][:, :, :used], cache.values[index][:, :, :used]
    scores = queries.reshape(batch, shared, groups * time, head_dim) @ keys.swapaxes(-1, -2)
    distance = place[..., None] - np.arange(used)  # [b, t, used]
    unseen = (distance < 0) | (distance >= window)
    if unseen.any():
        by_token = scores.reshape(batch, shared, groups, time, used)
        np.copyto(by_token, -np.inf, where=unseen[:, None, None])
    return (softmax(scores) @ values).reshape(queries.shape)

"""The hybrids' layer without keys and values: projections, a short convolution, the gated delta rule, a gated norm.

As `Qwen3NextGatedDeltaNet` and `Qwen3_5GatedDeltaNet` of transformers 5.24. The two differ only in how the rows of
the input projections are ordered: Qwen3-Next groups them by key head, Qwen3.5 has a projection for each role.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.activation import sigmoid, silu, softplus
from zhenwu.qwen.cache import Cache
from zhenwu.qwen.config import Config
from zhenwu.qwen.convolution import causal_convolution
from zhenwu.qwen.delta_rule import delta_rule
from zhenwu.qwen.projection import Project
from zhenwu.qwen.rms_norm import rms_norm


def delta_net(
    index: int, x: NDArray, count: NDArray, cache: Cache, config: Config,
    weights: Mapping[str, NDArray], project: Project,
) -> NDArray:
    """Layer `index` on x[b, t, hidden] -> [b, t, hidden]; of row b only the first count[b] tokens are real."""
    batch, time, _ = x.shape
    name = f"model.layers.{index}.linear_attn"
    key_heads, heads = config.linear_num_key_heads, config.linear_num_value_heads
    split = grouped if config.model_type == "qwen3_next" else separate
    mixed, gate, b, a = split(name, x, config, project)
    mixed = silu(causal_convolution(mixed, weights[f"{name}.conv1d.weight"][:, 0], cache.convolution[index], count))
    query, key, value = np.split(mixed, [config.linear_key_dim, 2 * config.linear_key_dim], axis=-1)
    query, key = (
        np.repeat(part.reshape(batch, time, key_heads, -1), heads // key_heads, axis=2) for part in (query, key)
    )
    value = value.reshape(batch, time, heads, -1)
    log_decay = -np.exp(weights[f"{name}.A_log"].astype(np.float64)) * softplus(a + weights[f"{name}.dt_bias"])
    beta = sigmoid(b)
    padding = np.arange(time) >= count[:, None]  # [b, t]
    log_decay[padding] = 0
    beta[padding] = 0
    out = delta_rule(query, key, value, log_decay, beta, cache.recurrent[index])
    out = rms_norm(out, weights[f"{name}.norm.weight"], config.rms_norm_eps)
    out *= silu(gate.reshape(batch, time, heads, -1))
    return project(f"{name}.out_proj", out.reshape(batch, time, -1))


def separate(name: str, x: NDArray, config: Config, project: Project) -> tuple[NDArray, ...]:
    """Qwen3.5: queries, keys and values side by side; the gate z; the inputs b and a of beta and of the decay."""
    return tuple(project(f"{name}.in_proj_{role}", x) for role in ("qkv", "z", "b", "a"))


def grouped(name: str, x: NDArray, config: Config, project: Project) -> tuple[NDArray, ...]:
    """Qwen3-Next: per key head its query, its key, and value and gate of all the value heads that it serves."""
    batch, time, _ = x.shape
    key_heads, served = config.linear_num_key_heads, config.linear_num_value_heads // config.linear_num_key_heads
    keys, values = config.linear_key_head_dim, served * config.linear_value_head_dim
    qkvz = project(f"{name}.in_proj_qkvz", x).reshape(batch, time, key_heads, -1)
    query, key, value, gate = np.split(qkvz, [keys, 2 * keys, 2 * keys + values], axis=-1)
    ba = project(f"{name}.in_proj_ba", x).reshape(batch, time, key_heads, 2, served)
    flat = [part.reshape(batch, time, -1) for part in (query, key, value)]
    return np.concatenate(flat, axis=-1), gate, ba[..., 0, :].reshape(batch, time, -1), ba[..., 1, :].reshape(
        batch, time, -1
    )

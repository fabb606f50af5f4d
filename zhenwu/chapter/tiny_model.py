"""A Qwen-style model small enough to watch: the hybrid's shape with random weights, and a product that counts.

Its sizes are ours and its weights are drawn, so what it says means nothing. What it does is what the large ones do:
the same code, the same tensors, the same operators.
"""

from collections import Counter
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.config import FULL, LINEAR, Config
from zhenwu.qwen.model import Qwen
from zhenwu.qwen.parameters import parameters
from zhenwu.qwen.rope import Rope
from zhenwu.spec.models import Model
from zhenwu.spec.sourced import Sourced

SIZES = {
    "layers": 4, "linear_layers": 3, "full_layers": 1, "hidden": 256, "heads": 4, "kv_heads": 2, "head_dim": 32,
    "vocab": 256, "window": 4096, "experts": 16, "top_k": 2, "moe_ffn": 64, "shared_ffn": 64, "lin_k_heads": 2,
    "lin_v_heads": 4, "lin_head_dim": 32, "conv": 4, "partial_rotary": 0.25, "rope_theta": 1e4,
}
WHY = "ours: the hybrid's shape, as small as shows each part at work"
EPS = 1e-6  # of the norms, as in every Qwen3 configuration


def _size(name: str, value: int | float) -> Sourced:
    return Sourced(value, "token" if name == "window" else "", WHY, "assumed", key=f"tiny.{name}")


TINY = Model(
    "tiny", "the tiny model", Sourced(None, "", "ours: nobody publishes it", "unknown", key="tiny.published"),
    **{name: _size(name, value) for name, value in SIZES.items()},
)


def config_of(model: Model) -> Config:
    """The shape of a model as `zhenwu.qwen` takes it; a hybrid's full attention is the last layer of each group."""
    def size(name: str) -> int:
        fact = getattr(model, name)
        return 0 if fact is None else int(fact)

    layers, hybrid = size("layers"), model.linear_layers is not None
    group = layers // size("full_layers") if hybrid else 1
    dense, mixture = ("qwen3_5_text", "qwen3_5_moe_text") if hybrid else ("qwen3", "qwen3_moe")
    share = 1.0 if model.partial_rotary is None else float(model.partial_rotary)
    return Config(
        model_type=dense if model.experts is None else mixture, vocab_size=size("vocab"), hidden_size=size("hidden"),
        num_attention_heads=size("heads"), num_key_value_heads=size("kv_heads"), head_dim=size("head_dim"),
        rms_norm_eps=EPS, rope=Rope(size("head_dim"), float(model.rope_theta), partial_rotary_factor=share),
        layer_types=tuple(FULL if layer % group == group - 1 else LINEAR for layer in range(layers)),
        sparse_layers=(model.experts is not None,) * layers, intermediate_size=size("ffn"),
        num_experts=size("experts"), num_experts_per_tok=size("top_k"), moe_intermediate_size=size("moe_ffn"),
        shared_expert_intermediate_size=size("shared_ffn"), norm_topk_prob=True,
        linear_num_key_heads=size("lin_k_heads"), linear_num_value_heads=size("lin_v_heads"),
        linear_key_head_dim=size("lin_head_dim"), linear_value_head_dim=size("lin_head_dim"),
        linear_conv_kernel_dim=size("conv"),
    )


def drawn(config: Config, seed: int) -> Qwen:
    """A model of that shape in float32, its weights from a seed: each matrix keeps the size of what goes through it."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in parameters(config).items():
        if len(shape) == 1:  # gains, which a hybrid keeps less 1 except in its delta rule; decays and their biases
            plain = not config.hybrid or "linear_attn.norm" in name
            weights[name] = np.full(shape, float(plain and "norm" in name), np.float32)
        else:
            weights[name] = (rng.standard_normal(shape) / sqrt(shape[-1])).astype(np.float32)
    return Qwen(config, weights)


class Counting:
    """A matmul that counts its multiplications by tensor, and keeps what it last multiplied, x and w."""

    def __init__(self) -> None:
        self.multiplications: Counter[str] = Counter()
        self.operands: dict[str, tuple[NDArray, NDArray]] = {}

    def __call__(self, name: str, x: NDArray, w: NDArray) -> NDArray:
        self.multiplications[name] += x.size * len(w)
        self.operands[name] = x, w
        return x @ w.T

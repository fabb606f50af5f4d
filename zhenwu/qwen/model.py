"""The whole network: embedding, layers of attention and feed-forward, and the scores of the next token."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.attention import attention
from zhenwu.qwen.cache import Cache
from zhenwu.qwen.checkpoint import read_checkpoint
from zhenwu.qwen.checkpoint_error import CheckpointError
from zhenwu.qwen.config import LINEAR, Config
from zhenwu.qwen.delta_net import delta_net
from zhenwu.qwen.experts import experts
from zhenwu.qwen.linear import Matmul, float_matmul
from zhenwu.qwen.mlp import mlp
from zhenwu.qwen.projection import projector
from zhenwu.qwen.rms_norm import rms_norm
from zhenwu.qwen.rope import cos_sin

__all__ = ["Cache", "CheckpointError", "Config", "Qwen", "forward", "load"]


@dataclass
class Qwen:
    """A model: its shape and its tensors by transformers' names, all of one floating-point type."""

    config: Config
    weights: dict[str, NDArray]

    @property
    def dtype(self) -> np.dtype:
        return self.weights["model.norm.weight"].dtype


def load(folder: Path, dtype: type = np.float32) -> Qwen:
    """The model of a Hugging Face checkpoint folder; CheckpointError, one sentence, if it cannot be used."""
    return Qwen(*read_checkpoint(Path(folder), np.dtype(dtype)))


def forward(
    model: Qwen, tokens: NDArray, cache: Cache | None = None, real: NDArray | None = None,
    matmul: Matmul = float_matmul,
) -> NDArray:
    """Scores of the token after each: tokens int[b, t] -> logits[b, t, vocab], in the model's type.

    The model's type is that of its tensors, of its cache and of attention over the cache. What flows between the
    layers is float64 in either case, so that a float32 model does not add rounding errors of its own on the way.

    Token t of row b stands at position cache.length[b] + (real tokens before it in this call). Tokens whose real[b, t]
    is False are neither stored nor counted, and their logits mean nothing. That is padding left or right, and also
    a row that waits while others decode. ValueError for a token outside the vocabulary and for a full cache.
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or tokens.dtype.kind not in "iu":
        raise ValueError(f"tokens: have shape {tokens.shape} and type {tokens.dtype}; expected whole numbers [b, t]")
    if real is None:
        return _forward(model, tokens, np.full(len(tokens), tokens.shape[1]), cache, matmul)
    real = np.asarray(real, bool)
    if real.shape != tokens.shape:
        raise ValueError(f"real: has shape {real.shape}; expected that of tokens, {tokens.shape}")
    count = real.sum(axis=1)
    if (real == (np.arange(tokens.shape[1]) < count[:, None])).all():  # right padding, or idle rows
        return _forward(model, tokens, count, cache, matmul)
    # Move the real tokens of each row to its front: then there is only right padding, in every layer.
    order = np.argsort(~real, axis=1, kind="stable")
    logits = _forward(model, np.take_along_axis(tokens, order, axis=1), count, cache, matmul)
    back = np.argsort(order, axis=1)
    return np.take_along_axis(logits, back[..., None], axis=1)


def _forward(model: Qwen, tokens: NDArray, count: NDArray, cache: Cache | None, matmul: Matmul) -> NDArray:
    """`forward` where the first count[b] tokens of row b are the real ones."""
    config, weights = model.config, model.weights
    batch, time = tokens.shape
    if cache is None:
        cache = Cache(config, batch, time, model.dtype)
    _check(config, tokens, count, cache)
    project = projector(weights, matmul)
    extra = model.dtype.type(config.hybrid)  # the hybrids store the gain of a norm less 1

    def norm(name: str, x: NDArray) -> NDArray:
        return rms_norm(x, weights[f"{name}.weight"] + extra, config.rms_norm_eps)

    last = (cache.length + count)[count > 0].max(initial=1) - 1  # of the real tokens: padding must not bend a rope
    turn = cos_sin(config.rope, np.minimum(cache.length[:, None] + np.arange(time), last))
    x = weights["model.embed_tokens.weight"][tokens].astype(np.float64)  # [b, t, hidden]
    for index, kind in enumerate(config.layer_types):
        layer = f"model.layers.{index}"
        y = norm(f"{layer}.input_layernorm", x)
        if kind == LINEAR:
            x += delta_net(index, y, count, cache, config, weights, project)
        else:
            x += attention(index, y, turn, count, cache, config, weights, project)
        y = norm(f"{layer}.post_attention_layernorm", x)
        if config.sparse_layers[index]:
            x += experts(f"{layer}.mlp", y, weights, config, matmul)
        else:
            x += mlp(f"{layer}.mlp", y, project)
    cache.length += count
    return project("lm_head", norm("model.norm", x)).astype(model.dtype, copy=False)


def check_range(config: Config, lowest: int, highest: int) -> None:
    """ValueError unless all tokens, which go from `lowest` to `highest`, are in the vocabulary."""
    if not 0 <= lowest <= highest < config.vocab_size:
        raise ValueError(f"tokens: go from {lowest} to {highest}; expected 0 to {config.vocab_size - 1}")


def _check(config: Config, tokens: NDArray, count: NDArray, cache: Cache) -> None:
    if len(cache.length) != len(tokens):
        raise ValueError(f"cache: has {len(cache.length)} rows; expected {len(tokens)}, as many as tokens")
    if tokens.size:
        check_range(config, int(tokens.min()), int(tokens.max()))
    if (cache.length + count > cache.capacity).any():
        row = int(np.argmax(cache.length + count))
        raise ValueError(
            f"cache: row {row} would hold {cache.length[row] + count[row]} tokens; expected at most {cache.capacity}"
        )

"""Writing on: a prompt goes through the model once, then token after token, each chosen from the last scores."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.cache import Cache, identity
from zhenwu.qwen.linear import Matmul, float_matmul
from zhenwu.qwen.model import Qwen, check_range, forward
from zhenwu.qwen.sample import GREEDY, Sampling, log_probabilities, sample


@np.errstate(all="ignore")  # the logits tell whether anything overflowed on the way
def generate(
    model: Qwen, prompts: Sequence[Sequence[int]], new: int, sampling: Sampling = GREEDY, seed: int = 0,
    matmul: Matmul = float_matmul, kv: Callable[[NDArray], NDArray] = identity,
) -> tuple[NDArray, NDArray]:
    """`new` tokens after each prompt, the prompts of any lengths from 1: int64[b, new], and their log probabilities.

    The log probabilities, float64[b, new], are those of the model's own scores, before temperature, top-k and top-p.
    ValueError for an empty prompt, a token outside the vocabulary, and weights so large that logits are not finite.
    """
    lengths = np.array([len(prompt) for prompt in prompts])
    if not len(lengths) or lengths.min() < 1:
        raise ValueError("prompts: one is empty, or there is none; expected at least one token in each")
    check_range(model.config, min(map(min, prompts)), max(map(max, prompts)))
    rng = np.random.default_rng(seed)
    real = np.arange(lengths.max()) < lengths[:, None]
    tokens = np.zeros(real.shape, np.int64)
    tokens[real] = np.concatenate([np.asarray(prompt, np.int64) for prompt in prompts])
    cache = Cache(model.config, len(prompts), int(lengths.max()) + new, model.dtype, kv)
    last = forward(model, tokens, cache, real, matmul)[np.arange(len(prompts)), lengths - 1]
    chosen = np.empty((len(prompts), new), np.int64)
    scores = np.empty((len(prompts), new))
    for step in range(new):
        if step:
            last = forward(model, chosen[:, step - 1 : step], cache, matmul=matmul)[:, 0]
        if not np.isfinite(last).all():
            raise ValueError(f"logits: hold NaN or infinity at new token {step + 1}; expected weights without overflow")
        chosen[:, step] = sample(last, sampling, rng)
        scores[:, step] = np.take_along_axis(log_probabilities(last), chosen[:, step, None], axis=1)[:, 0]
    return chosen, scores

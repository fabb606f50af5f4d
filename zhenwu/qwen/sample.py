"""Choosing the next token from its scores: the best one, or a draw that temperature, top-k and top-p shape.

The order is that of transformers' generate: temperature, then top-k, then top-p (Holtzman et al. 2019, arXiv
1904.09751).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sampling:
    """temperature 0 takes the best token; top_k 0 and top_p 1 keep all of them."""

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < np.inf:
            raise ValueError(f"temperature: is {self.temperature}; expected 0 or more")
        if self.top_k < 0:
            raise ValueError(f"top_k: is {self.top_k}; expected 0 for all tokens, or how many to keep")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p: is {self.top_p}; expected more than 0, at most 1")


GREEDY = Sampling()


def probabilities(logits: NDArray, sampling: Sampling) -> NDArray:
    """What each token is drawn with: logits[b, vocab] -> float64[b, vocab], rows of sum 1.

    A tie at the border of top-k keeps all that tie; at that of top-p, and for the best token, the lowest number wins.
    """
    scores = logits.astype(np.float64)
    if sampling.temperature == 0:
        return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]
    # The best score becomes 0 before the division, so that a small temperature cannot overflow to infinity.
    scores = (scores - scores.max(axis=-1, keepdims=True)) / sampling.temperature
    if 0 < sampling.top_k < scores.shape[-1]:
        border = np.sort(scores, axis=-1)[:, -sampling.top_k, None]
        scores = np.where(scores < border, -np.inf, scores)
    share = np.exp(scores)
    share /= share.sum(axis=-1, keepdims=True)
    if sampling.top_p < 1:
        order = np.argsort(-share, axis=-1, kind="stable")
        ranked = np.take_along_axis(share, order, axis=-1)
        before = np.cumsum(ranked, axis=-1) - ranked
        kept = np.empty(share.shape, bool)
        np.put_along_axis(kept, order, before < sampling.top_p, axis=-1)  # the best one always stays
        share = np.where(kept, share, 0)
        share /= share.sum(axis=-1, keepdims=True)
    return share


def sample(logits: NDArray, sampling: Sampling, rng: np.random.Generator) -> NDArray:
    """One token for each row: logits[b, vocab] -> int64[b]; one number of `rng` is used up per row, unless greedy."""
    if sampling.temperature == 0:
        return logits.argmax(axis=-1)
    reached = np.cumsum(probabilities(logits, sampling), axis=-1)
    drawn = rng.random((len(logits), 1)) * reached[:, -1:]  # below the whole sum, whatever its rounding
    return (reached <= drawn).sum(axis=-1)


def log_probabilities(logits: NDArray) -> NDArray:
    """log of the softmax over the last axis, float64, of the scores as the model gave them."""
    scores = logits.astype(np.float64)
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))

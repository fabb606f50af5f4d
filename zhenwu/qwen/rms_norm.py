"""Root-mean-square normalisation, Zhang and Sennrich 2019, arXiv 1910.07467."""

import numpy as np
from numpy.typing import NDArray


def rms_norm(x: NDArray, gain: NDArray, eps: float) -> NDArray:
    """x / sqrt(mean(x^2) + eps) * gain over the last axis: x[..., d], gain[d] -> [..., d].

    The mean is taken in float64; its root, and each of the two products, is rounded to x's type, as in transformers.
    """
    wide = x.astype(np.float64, copy=False)
    mean_square = np.einsum("...d,...d->...", wide, wide)[..., None] / x.shape[-1]
    return x * (1 / np.sqrt(mean_square + eps)).astype(x.dtype) * gain

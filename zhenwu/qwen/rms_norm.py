"""Root-mean-square normalisation, Zhang and Sennrich 2019, arXiv 1910.07467."""

import numpy as np
from numpy.typing import NDArray


def rms_norm(x: NDArray, gain: NDArray, eps: float) -> NDArray:
    """x / sqrt(mean(x^2) + eps) * gain over the last axis: x[..., d], gain[d] -> [..., d]; float64 until the end."""
    wide = x.astype(np.float64)
    mean_square = np.einsum("...d,...d->...", wide, wide)[..., None] / x.shape[-1]
    wide /= np.sqrt(mean_square + eps)
    wide *= gain
    return wide.astype(x.dtype)

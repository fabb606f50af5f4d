"""The one door through which every linear layer goes, so that a number format can stand in it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ROWS = 4096  # of w that are widened at a time: bounds the memory that a large vocabulary takes


class Matmul(Protocol):
    def __call__(self, name: str, x: NDArray, w: NDArray) -> NDArray:
        """x[..., k] . w[n, k]^T -> [..., n] in x's dtype; `name` is the tensor's name without ".weight"."""


def float_matmul(name: str, x: NDArray, w: NDArray) -> NDArray:
    """The product summed in float64 and rounded once to x's type.

    So the result hardly depends on the batch, the machine or its BLAS. It is one matrix product whatever x's leading
    axes.
    """
    rows = x.reshape(-1, x.shape[-1]).astype(np.float64, copy=False)
    out = np.empty((len(rows), len(w)), x.dtype)
    for start in range(0, len(w), ROWS):
        out[:, start : start + ROWS] = rows @ w[start : start + ROWS].astype(np.float64, copy=False).T
    return out.reshape(*x.shape[:-1], len(w))

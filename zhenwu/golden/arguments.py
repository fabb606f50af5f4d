"""Refusing arrays of the wrong type in one sentence, before numpy converts them silently."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def require_dtype(name: str, array: ArrayLike, dtype: DTypeLike) -> NDArray:
    """`array` as an ndarray; TypeError unless its dtype is exactly `dtype`."""
    array = np.asarray(array)
    if array.dtype != dtype:
        raise TypeError(f"{name} is {array.dtype}: expected {np.dtype(dtype)}, so convert it first")
    return array

"""The four curves between the linear layers: sigmoid, SiLU, softplus and softmax."""

import numpy as np
from numpy.typing import NDArray


def sigmoid(x: NDArray) -> NDArray:
    """1 / (1 + e^-x); exactly 0 where e^-x overflows."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def silu(x: NDArray) -> NDArray:
    """x * sigmoid(x), the gate of every Qwen feed-forward layer ("swish")."""
    return x * sigmoid(x)


def softplus(x: NDArray) -> NDArray:
    """log(1 + e^x), without overflow."""
    return np.logaddexp(x.dtype.type(0), x)


def softmax(x: NDArray) -> NDArray:
    """e^x normalised to sum 1 over the last axis; overwrites x. An entry may be -inf, but not all of a row."""
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x

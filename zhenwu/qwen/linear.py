"""The one door through which every linear layer goes, so that a number format can stand in it."""

from typing import Protocol

from numpy.typing import NDArray


class Matmul(Protocol):
    def __call__(self, name: str, x: NDArray, w: NDArray) -> NDArray:
        """x[..., k] . w[n, k]^T -> [..., n] in x's dtype; `name` is the tensor's name without ".weight"."""


def float_matmul(name: str, x: NDArray, w: NDArray) -> NDArray:
    """The product in the arrays' own floating-point type, as one product of two matrices whatever the batch."""
    return (x.reshape(-1, x.shape[-1]) @ w.T).reshape(*x.shape[:-1], -1)

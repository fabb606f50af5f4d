"""The one door through which every linear layer goes, so that a number format can stand in it.

A quantised layer rounds both operands to their formats and multiplies them exactly, as `golden.numerics` defines it.
Its weights are packed once. Its activations are packed at every call, but query, key and value multiply the same x,
and so do gate and up: the last x is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

import zhenwu.golden.numerics as numerics
from zhenwu.golden.numerics import SCALE_RULES
from zhenwu.spec.formats import E2M1, E4M3

ROWS = 4096  # of w that are widened at a time: bounds the memory that a large vocabulary takes
LINEAR_FORMATS = ("fp32", "bf16", "mxfp8", "w4a8", "nvfp4", "mxfp4")


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


def stays_float(name: str) -> bool:
    """Whether a layer is one that four-bit models keep in float: the output head, and the router of experts."""
    return name == "lm_head" or name.endswith(".mlp.gate")


def quantised_matmul(fmt: str, rule: str = "floor", hadamard: bool = False) -> Matmul:
    """A Matmul whose operands are rounded to `fmt`, one of LINEAR_FORMATS.

    fp32 is `float_matmul`. `rule` is the scale rule of the MX formats, one of SCALE_RULES. With `hadamard` each block
    of 32 along k is rotated first, on both sides. `lm_head` and routers stay in float. x and w are cast to float32
    before they are quantised, whatever their type, and the result to x's type.

    A row's result depends on no other row of x. Weights are packed at their first use and taken to stay as they are;
    another array under the same name is packed anew. An unknown format or rule raises ValueError, as does a k that
    is no multiple of 32 with `hadamard`.
    """
    if fmt not in LINEAR_FORMATS:
        raise ValueError(f"linear format {fmt!r}: expected one of {', '.join(LINEAR_FORMATS)}")
    if rule not in SCALE_RULES:
        raise ValueError(f"scale rule {rule!r}: expected one of {', '.join(SCALE_RULES)}")
    if fmt == "fp32" and not hadamard:
        return float_matmul
    return QuantisedMatmul(arithmetic(fmt, rule), hadamard)


class Arithmetic(NamedTuple):
    """How a format multiplies: pack each operand float32[rows, k], then multiply what was packed."""

    pack_x: Callable[[NDArray[np.float32]], Any]
    pack_w: Callable[[NDArray[np.float32]], Any]
    multiply: Callable[[Any, Any], NDArray[np.float32]]


def arithmetic(fmt: str, rule: str) -> Arithmetic:
    """The arithmetic of each format."""
    fp4, fp8 = (partial(numerics.mx_grid, element=element, rule=rule) for element in (E2M1, E4M3))
    by_row = partial(numerics.nvfp4_grid, axis=-1)  # a tensor scale a token: a batch must not matter
    return {
        "fp32": Arithmetic(np.asarray, np.asarray, lambda x, w: x @ w.T),
        "bf16": Arithmetic(numerics.bf16_rows, numerics.bf16_rows, numerics.bf16_rows_matmul),
        "mxfp8": Arithmetic(fp8, fp8, numerics.grid_matmul),
        "w4a8": Arithmetic(fp8, fp4, numerics.grid_matmul),
        "nvfp4": Arithmetic(by_row, numerics.nvfp4_grid, numerics.nvfp4_matmul),
        "mxfp4": Arithmetic(fp4, fp4, numerics.grid_matmul),
    }[fmt]


@dataclass
class QuantisedMatmul:
    """A Matmul with its packed weights by name, and the last activations with what they were packed to."""

    arithmetic: Arithmetic
    hadamard: bool
    weights: dict[str, tuple[NDArray, Any]] = field(default_factory=dict)
    last: tuple[NDArray, Any] | None = None

    def __call__(self, name: str, x: NDArray, w: NDArray) -> NDArray:
        if stays_float(name):
            return float_matmul(name, x, w)
        rows = np.ascontiguousarray(x.reshape(-1, x.shape[-1]), np.float32)
        product = self.arithmetic.multiply(self.packed_x(rows), self.packed_w(name, w))
        return product.reshape(*x.shape[:-1], len(w)).astype(x.dtype, copy=False)

    def packed_x(self, rows: NDArray[np.float32]) -> Any:
        """The activations packed, anew unless they have the bits of the last ones."""
        bits = rows.view(np.uint32)
        if self.last is None or not np.array_equal(self.last[0], bits):
            self.last = (bits.copy(), self.arithmetic.pack_x(self.rotated(rows)))
        return self.last[1]

    def packed_w(self, name: str, w: NDArray) -> Any:
        """The weights packed, anew unless it is the array that came under this name before."""
        known = self.weights.get(name)
        if known is None or not same_array(known[0], w):
            known = self.weights[name] = (w, self.arithmetic.pack_w(self.rotated(np.asarray(w, np.float32))))
        return known[1]

    def rotated(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return numerics.hadamard(rows) if self.hadamard else rows


def same_array(x: NDArray, y: NDArray) -> bool:
    """Whether both are the same numbers in memory; an expert's weights are a new view of one tensor every time."""
    return x is y or (x.ctypes.data, x.shape, x.strides, x.dtype) == (y.ctypes.data, y.shape, y.strides, y.dtype)

"""The fast twin of NVFP4: rows as multiples of a unit, and their product."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.element import element_decode
from zhenwu.golden.numerics.grid import (
    ANCHOR,
    LARGEST,
    MAGNITUDE,
    Grid,
    euclidean,
    rounded,
    smallest_normal,
    whole_blocks,
)
from zhenwu.golden.numerics.grid_matmul import grid_matmul
from zhenwu.golden.numerics.nvfp4 import BLOCK, LARGEST_ELEMENT, LARGEST_SCALE, nvfp4_quantise, nvfp4_tensor_scale
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32, NVFP4


class Nvfp4Grid(NamedTuple):
    """Element times block scale as a Grid, and the tensor's scale, float32[] or float32[rows]."""

    grid: Grid
    tensor_scale: NDArray[np.float32]


def nvfp4_grid(x: NDArray[np.float32], axis: int | None = None) -> Nvfp4Grid:
    """Rows x float32[rows, k] in NVFP4, with a scale of the tensor, or with axis -1 one a row.

    The values are those of nvfp4_quantise, element times block scale, but for the sign of zero.
    """
    ts = nvfp4_tensor_scale(x, axis)
    x = whole_blocks(require_dtype("x", x, np.float32), BLOCK)
    if not np.isfinite(x).all():
        return Nvfp4Grid(plain_grid(x, ts), ts)

    rows, k = x.shape
    x = x.reshape(rows, k // BLOCK, BLOCK)
    with np.errstate(over="ignore", under="ignore"):
        amax = (x.view(np.int32) & MAGNITUDE).max(axis=-1, initial=0).view(np.float32)
        wanted = np.minimum(amax / LARGEST_ELEMENT / ts[..., None], LARGEST_SCALE)  # (rows, blocks)
        places = wanted.view(np.int32).copy()
        scale = rounded(wanted, places, smallest_normal(NVFP4.scale), NVFP4.scale)
        divisor = scale * ts[..., None]
        element = x / np.where(divisor == 0, np.float32(np.inf), divisor)[..., None]
    np.minimum(element, LARGEST_ELEMENT, out=element)
    np.maximum(element, -LARGEST_ELEMENT, out=element)
    values = rounded(element, element.view(np.int32) & MAGNITUDE, smallest_normal(NVFP4.element), NVFP4.element)
    values *= scale[..., None]
    # An element is a multiple of half its scale's rounding place; a zero is one of anything.
    places = np.where(scale == 0, LARGEST, places - ANCHOR - (1 << FLOAT32.mantissa_bits))
    return Nvfp4Grid(Grid(values.reshape(rows, k), places.view(np.float32), euclidean(values), BLOCK), ts)


def plain_grid(x: NDArray[np.float32], tensor_scale: NDArray[np.float32]) -> Grid:
    """The same by way of the codes, for blocks that may be NaN; its unit is that of the smallest scale."""
    codes, scale = nvfp4_quantise(x, tensor_scale)
    elements = element_decode(codes, NVFP4.element).reshape(*scale.shape, BLOCK)
    values = elements * element_decode(scale, NVFP4.scale)[..., None]
    unit = np.full(scale.shape, NVFP4.element.value(1) * NVFP4.scale.value(1), np.float32)
    return Grid(values.reshape(x.shape), unit, euclidean(values), BLOCK)


def nvfp4_matmul(a: Nvfp4Grid, b: Nvfp4Grid) -> NDArray[np.float32]:
    """A times B transposed, bit for bit nvfp4_exact of the codes behind both: float32[m, n]."""
    product = grid_matmul(a.grid, b.grid)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        product *= a.tensor_scale.reshape(-1, 1) * b.tensor_scale.reshape(1, -1)
    nan = np.isnan(product)
    if nan.any():
        product[nan] = np.uint32(CANONICAL_NAN).view(np.float32)
    return product

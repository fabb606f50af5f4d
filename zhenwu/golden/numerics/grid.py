"""Quantised numbers as plain numbers, fast: what `mx_dequantise(*mx_quantise(x))` gives, without the codes.

Two ideas make it fast. A float32 is rounded to a multiple of a power of two u by adding an anchor of 1.5 * 2^23 u and
taking it away again: the sum has no bits below u, and the adder rounds to nearest even. And u follows from the
exponent field of the number itself, or from that of the block's smallest normal element where that is larger.

    exponent of x:      e                      largest of e and the block's smallest normal exponent
    rounding place:     u = 2^(e - mantissa bits)
    anchor:             1.5 * 2^23 * u         x + anchor stays in the anchor's binade for both signs
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.block_scale import block_scale
from zhenwu.golden.numerics.mx_exact import operand, require_exact
from zhenwu.golden.numerics.mx_quantise import mx_quantise
from zhenwu.spec.formats import BLOCK_SIZE, CANONICAL_NAN, E2M1, E8M0_BIAS, E8M0_NAN, FLOAT32, FloatFormat

MAGNITUDE = np.int32((1 << FLOAT32.magnitude_bits) - 1)
EXPONENT = np.int32(((1 << FLOAT32.exponent_bits) - 1) << FLOAT32.mantissa_bits)
# What multiplies a rounding place by 1.5 * 2^23, in bits: 23 up in the exponent, and the first bit of the mantissa.
ANCHOR = np.int32((FLOAT32.mantissa_bits << FLOAT32.mantissa_bits) | (1 << (FLOAT32.mantissa_bits - 1)))
# Blocks whose largest magnitude lies in 2^-40 .. 2^50, or is zero, are ordinary, and no anchor of theirs leaves the
# normal range either. An operand with others is rare, and is quantised the plain way.
SMALLEST, LARGEST = np.array([2.0**-40, 2.0**50], np.float32).view(np.int32)
LARGEST_UNIT = LARGEST.view(np.float32)  # of blocks of zeros, which are multiples of anything
# Scale bytes of codes that are ordinary: products of two numbers lie in 2^-118 .. 2^98, far enough below the largest
# float32 for any sum of them.
ORDINARY_SCALES = (E8M0_BIAS - 50, E8M0_BIAS + 40)


@dataclass(frozen=True)
class Grid:
    """Rows of numbers in blocks along k, each number a whole multiple of its block's unit, which is a power of two.

    `values` is float32[rows, k] with k a whole number of blocks. `unit` and `length` are float32[rows, blocks]: each
    block's unit, and its Euclidean length to float32's precision. A block is ordinary if no product of two such
    leaves float32's normal range. Where some block is not, `values` is float64, and its length infinity; where one
    holds NaN, its length is NaN.
    """

    values: NDArray
    unit: NDArray[np.float32]
    length: NDArray[np.float32]
    block_size: int

    @cached_property
    def block_reach(self) -> NDArray[np.float32]:
        """The length of each block in its own units: float32[rows, blocks]."""
        return self.length / self.unit

    @cached_property
    def row_reach(self) -> NDArray[np.float32]:
        """The length of each row in the smallest of its units: float32[rows]."""
        return euclidean(self.length) / self.unit.min(axis=1, initial=LARGEST_UNIT)

    @cached_property
    def longest_block(self) -> NDArray[np.float32]:
        """The largest block_reach of any row, NaN if one is: float32[blocks]."""
        return self.block_reach.max(axis=0, initial=0)

    @cached_property
    def longest_row(self) -> np.float32:
        """The largest row_reach, NaN if one is."""
        return self.row_reach.max(initial=0)

    @cached_property
    def by_block(self) -> NDArray:
        """The values as [blocks, block_size, rows], a right operand for one matrix product a block."""
        return np.ascontiguousarray(self.blocks_first)

    @cached_property
    def wide_by_block(self) -> NDArray[np.float64]:
        """The same in float64."""
        return np.ascontiguousarray(self.blocks_first, np.float64)

    @property
    def blocks_first(self) -> NDArray:
        rows, k = self.values.shape
        return self.values.reshape(rows, k // self.block_size, self.block_size).transpose(1, 2, 0)


def mx_grid(x: NDArray[np.float32], element: FloatFormat = E2M1, rule: str = "floor") -> Grid:
    """MX values of rows: x float32[rows, k] -> Grid in blocks of 32, k filled up with +0 to whole blocks.

    `values` equals mx_dequantise(*mx_quantise(x, element, rule), element) but for the sign of zero, which may be
    lost. Another dtype raises TypeError, an unknown rule or an element other than E2M1 and E4M3 ValueError.
    """
    require_exact("element", element)
    x = whole_blocks(require_dtype("x", x, np.float32), BLOCK_SIZE)
    rows, k = x.shape
    magnitude = x.view(np.int32).reshape(-1, BLOCK_SIZE) & MAGNITUDE  # (rows * blocks, 32), as all below
    amax = magnitude.max(axis=1, initial=0)
    zero = amax == 0
    if not (((amax >= SMALLEST) & (amax < LARGEST)) | zero).all():
        return mx_code_grid(*mx_quantise(x, element, rule), element)

    scale = block_scale(amax, element, rule).astype(np.int32)
    # A block of zeros is a multiple of anything: a large unit, so that it never is the row's smallest.
    least = np.where(zero, LARGEST, (scale + (1 - element.bias)) << FLOAT32.mantissa_bits)
    values = rounded(x.reshape(-1, BLOCK_SIZE), magnitude, least[:, None], element)
    largest = np.ldexp(np.float32(element.value(element.largest_code)), scale - E8M0_BIAS)  # (rows * blocks,)
    if rule != "rceil":  # under rceil nothing is larger than the largest element
        np.minimum(values, largest[:, None], out=values)
        np.maximum(values, -largest[:, None], out=values)
    values, shape = values.reshape(rows, k), (rows, k // BLOCK_SIZE)
    # A block's numbers are multiples of its smallest element, and of the smallest rounding place in the row.
    places = (least - (element.mantissa_bits << FLOAT32.mantissa_bits)).reshape(shape)
    if element.mantissa_bits > 1:  # FP4 has so few binades that both are the same
        smallest = magnitude.reshape(rows, k).min(axis=1, initial=LARGEST + ANCHOR) - ANCHOR
        np.maximum(places, smallest[:, None], out=places)
    return Grid(values, places.view(np.float32), euclidean(values.reshape(*shape, BLOCK_SIZE)), BLOCK_SIZE)


def mx_code_grid(codes: NDArray[np.uint8], block_scale: NDArray[np.uint8], element: FloatFormat = E2M1) -> Grid:
    """MX codes uint8[rows, k] with scales uint8[rows, k / 32], any bytes at all -> Grid in blocks of 32.

    Another dtype raises TypeError; shapes that do not fit, or a code that is too wide, ValueError.
    """
    elements = operand("codes", codes, block_scale, element)  # (rows, blocks, 32)
    exponent = block_scale.astype(np.int32) - E8M0_BIAS
    values = np.ldexp(elements, exponent[..., None])
    values[block_scale == E8M0_NAN] = np.nan

    elements = elements.astype(np.float32)
    places = np.maximum(elements.view(np.int32) & EXPONENT, smallest_normal(element))
    places -= np.int32(element.mantissa_bits << FLOAT32.mantissa_bits)
    unit = np.where(elements == 0, LARGEST, places).min(axis=-1).view(np.float32)  # before scaling, as is the length
    length = euclidean(elements)
    zero, ordinary = length == 0, (ORDINARY_SCALES[0] <= block_scale) & (block_scale <= ORDINARY_SCALES[1])
    exponent = np.where(ordinary & ~zero, exponent, 0)
    length = np.where(ordinary | zero, np.ldexp(length, exponent), length + np.float32(np.inf))
    length[block_scale == E8M0_NAN] = np.nan
    values = values.reshape(codes.shape)
    if (ordinary | zero).all():
        values = values.astype(np.float32)
    return Grid(values, np.ldexp(unit, exponent), length, BLOCK_SIZE)


def mx_round(x: NDArray[np.float32], element: FloatFormat = E2M1, rule: str = "floor") -> NDArray[np.float32]:
    """Every number as its MX block leaves it: x float32[..., k] -> float32[..., k], signs of zero included.

    Bit for bit mx_dequantise(*mx_quantise(x, element, rule), element)[..., :k]. Another dtype raises TypeError, an
    unknown rule ValueError.
    """
    x = require_dtype("x", x, np.float32)
    rows = x.reshape(x.size // max(x.shape[-1], 1), x.shape[-1])
    with np.errstate(over="ignore"):
        values = mx_grid(rows, element, rule).values.astype(np.float32, copy=False)
    return with_sign_of(values[:, : x.shape[-1]].reshape(x.shape), x)


def element_round(x: NDArray[np.float32], element: FloatFormat) -> NDArray[np.float32]:
    """Every number as its own element leaves it, saturating: x float32[n, ...] -> the same, signs of zero included.

    Bit for bit element_decode(element_encode(x, element), element); NaN stays NaN. Another dtype raises TypeError.
    """
    x = require_dtype("x", x, np.float32)
    largest = np.float32(element.value(element.largest_code))
    x = np.clip(x, -largest, largest)
    with np.errstate(invalid="ignore"):  # a signalling NaN
        values = rounded(x, x.view(np.int32) & MAGNITUDE, smallest_normal(element), element)
    return with_sign_of(values, x)


def with_sign_of(values: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The values with x's signs, which adding an anchor takes from zeros; every NaN as CANONICAL_NAN."""
    return np.where(np.isnan(values), np.uint32(CANONICAL_NAN).view(np.float32), np.copysign(values, x))


def smallest_normal(element: FloatFormat) -> np.int32:
    """The float32 bits of an element's smallest normal value."""
    return np.float32(element.value(1 << element.mantissa_bits)).view(np.int32)


def rounded(
    x: NDArray[np.float32], magnitude: NDArray[np.int32], least: NDArray[np.int32], element: FloatFormat
) -> NDArray[np.float32]:
    """x rounded to the element's mantissa, to nearest even, without saturation: float32[...] -> float32[...].

    `magnitude` is the bits of |x|, and becomes the bits of each number's rounding place plus ANCHOR. `least` is the
    bits of the smallest normal element, broadcast.
    """
    np.bitwise_and(magnitude, EXPONENT, out=magnitude)
    np.maximum(magnitude, least, out=magnitude)
    magnitude += ANCHOR - np.int32(element.mantissa_bits << FLOAT32.mantissa_bits)
    anchor = magnitude.view(np.float32)
    values = x + anchor
    values -= anchor
    return values


def euclidean(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The Euclidean length of each row: float32[..., k] -> float32[...]."""
    return np.sqrt(np.einsum("...i,...i->...", rows, rows))


def whole_blocks(x: NDArray[np.float32], block_size: int) -> NDArray[np.float32]:
    """Rows filled up with +0 to whole blocks, contiguous: float32[rows, k] -> float32[rows, blocks * block_size]."""
    if x.ndim != 2:
        raise ValueError(f"x has shape {x.shape}: expected (rows, k)")
    ragged = -x.shape[1] % block_size
    return np.pad(x, [(0, 0), (0, ragged)]) if ragged else np.ascontiguousarray(x)

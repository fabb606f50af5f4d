"""The dot product of two words of 128 bits in the formats of the tile: exact for MX, aligned and cut short for BF16."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.bf16_matmul import NO_EXPONENT
from zhenwu.spec.formats import BF16, FloatFormat
from zhenwu.spec.mma_formats import WORD_BITS, MmaFormat

WORD_BYTES = WORD_BITS // 8


@dataclass(frozen=True)
class LaneDot:
    """What leaves the lanes, each an array of the words' shape [...]."""

    total: NDArray[np.int64]  # in units of 2^unit_exponent; BF16: of 2^(largest + unit_exponent)
    largest: NDArray[np.int32]  # BF16: the largest exponent of a product that is not zero, 0 without one; MX: 0
    nan: NDArray[np.bool_]
    plus_infinity: NDArray[np.bool_]
    minus_infinity: NDArray[np.bool_]


def lane_dot(a: NDArray[np.uint8], b: NDArray[np.uint8], fmt: MmaFormat, upper: int = 0) -> LaneDot:
    """The sum of a[i] * b[i] over the lanes of a format: words as 16 bytes, uint8[..., 16] each, broadcast.

    Element 0 lies in the lowest bits of byte 0. Where b has more elements in a word than a, as in W4A8, `upper` says
    which half of them meets a's. Exact for MX. BF16: every product is cut toward zero at 2^(largest - 24), as in
    `bf16_matmul`, and the sum is exact again. Where a flag is up the total takes NaN and infinity for numbers of their
    exponent field, and is worth nothing. TypeError for another dtype, ValueError for another last axis. Source: our
    definition.
    """
    for name, word in (("a", a), ("b", b)):
        if require_dtype(name, word, np.uint8).shape[-1:] != (WORD_BYTES,):
            raise ValueError(f"{name} has shape {word.shape}: expected a last axis of {WORD_BYTES} bytes")
    first = fmt.lanes * upper if fmt.b.word_elements > fmt.lanes else 0
    a_codes = codes(a, fmt.a.element)
    b_codes = codes(b, fmt.b.element)[..., first : first + fmt.lanes]  # [..., lanes]
    a_significand, a_exponent, a_nan, a_infinite = unpack(a_codes, fmt.a.element)
    b_significand, b_exponent, b_nan, b_infinite = unpack(b_codes, fmt.b.element)
    product = a_significand * b_significand
    nan = a_nan | b_nan | (a_infinite & (b_significand == 0)) | (b_infinite & (a_significand == 0))
    infinite = (a_infinite | b_infinite) & ~nan

    if fmt.a.scaled:
        # An exponent of 0 is the unit, so each product is a whole number of it, of 37 bits at most.
        largest = np.zeros(product.shape[:-1], np.int64)
        terms = product << (a_exponent + b_exponent)
    else:
        exponent = a_exponent + b_exponent + 2 * (1 - BF16.bias)
        largest = np.where(product == 0, NO_EXPONENT, exponent).max(axis=-1)
        largest = np.where(largest == NO_EXPONENT, 0, largest)
        # Products are in units of 2^(exponent - 14); 63 places down nothing is left of any.
        shift = -fmt.unit_exponent - 2 * BF16.mantissa_bits + exponent - largest[..., None]
        size = np.where(product == 0, 0, np.abs(product) << np.clip(shift, 0, 16) >> np.clip(-shift, 0, 63))
        terms = np.where(product < 0, -size, size)
    return LaneDot(
        total=terms.sum(axis=-1),
        largest=largest.astype(np.int32),
        nan=nan.any(axis=-1),
        plus_infinity=(infinite & (product > 0)).any(axis=-1),
        minus_infinity=(infinite & (product < 0)).any(axis=-1),
    )


def codes(words: NDArray[np.uint8], element: FloatFormat) -> NDArray[np.int64]:
    """The elements' codes, element 0 lowest: uint8[..., 16] -> int64[..., 128 / bits]."""
    if element.bits == 4:
        return np.stack([words & 15, words >> 4], axis=-1).reshape(*words.shape[:-1], -1).astype(np.int64)
    return np.ascontiguousarray(words).view(f"<u{element.bits // 8}").astype(np.int64)


def unpack(codes: NDArray[np.int64], element: FloatFormat) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """(significand, exponent, is NaN, is infinite) of each code.

    A number is significand * 2^(exponent + 1 - bias - mantissa_bits), signed and with no leading one taken out: the
    exponent is the field less 1, and 0 for a subnormal.
    """
    magnitude = codes & ((1 << element.magnitude_bits) - 1)
    field = magnitude >> element.mantissa_bits
    fraction = magnitude & ((1 << element.mantissa_bits) - 1)
    significand = np.where(field == 0, fraction, fraction + (1 << element.mantissa_bits))
    nan = np.isin(magnitude, list(element.nan_codes))
    infinite = magnitude == element.largest_code + 1 if element.has_infinity else np.zeros(codes.shape, bool)
    return np.where(codes == magnitude, significand, -significand), np.maximum(field, 1) - 1, nan, infinite

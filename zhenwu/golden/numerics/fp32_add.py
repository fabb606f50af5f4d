"""IEEE 754 float32 addition in integers: align exactly, add, round once.

An adder in gates keeps a guard, a round and a sticky bit. Here the whole sum is kept as one integer instead,
so there is nothing to get wrong before the single rounding at the end.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
PRECISION = FRACTION_BITS + 1
INFINITY = FLOAT32.largest_code + 1
SIGN = 1 << FLOAT32.magnitude_bits

# An operand this many binades below the other is under 1/16 ulp of it and only tells on which side of a
# representable number the sum lies. Moving it up to this distance changes no result, and keeps the aligned
# sum under 2^53: exact as int64, and its length exact by way of float64.
REACH = 28


def fp32_add(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """RNE_f32(x + y) on float32 bits: uint32[...] each, broadcast -> uint32[...].

    Correctly rounded (error <= 0.5 ulp, ties to even), subnormals kept, overflow to infinity; an exact zero
    sum is +0 unless both operands are -0; every NaN result is CANONICAL_NAN. Another dtype raises TypeError.
    Source: IEEE 754-2019, sections 4.3.1 (rounding), 6.3 (sign of zero), 7.2 (Inf - Inf).
    """
    x = require_dtype("x", x, np.uint32).astype(np.int64)
    y = require_dtype("y", y, np.uint32).astype(np.int64)
    x_exponent, x_integer = unpack(x)
    y_exponent, y_integer = unpack(y)

    nearest = np.maximum(x_exponent, y_exponent) - REACH
    x_exponent = np.maximum(x_exponent, nearest)
    y_exponent = np.maximum(y_exponent, nearest)
    unit = np.minimum(x_exponent, y_exponent)
    total = (x_integer << (x_exponent - unit)) + (y_integer << (y_exponent - unit))

    negative = np.where(total == 0, (x & y & SIGN) != 0, total < 0)
    result = round_pack(np.abs(total), unit) + np.where(negative, SIGN, 0)

    x_magnitude, y_magnitude = x & ~SIGN, y & ~SIGN
    result = np.where(x_magnitude == INFINITY, x, result)
    result = np.where(y_magnitude == INFINITY, y, result)
    opposite = (x_magnitude == INFINITY) & (y_magnitude == INFINITY) & (x != y)
    invalid = opposite | (x_magnitude > INFINITY) | (y_magnitude > INFINITY)
    return np.where(invalid, CANONICAL_NAN, result).astype(np.uint32)


def unpack(bits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(exponent, integer) of each finite float32: its value is integer * 2^(exponent - 150), |integer| < 2^24."""
    field = (bits & ~SIGN) >> FRACTION_BITS
    fraction = bits & ((1 << FRACTION_BITS) - 1)
    integer = np.where(field == 0, fraction, fraction + (1 << FRACTION_BITS))
    # A subnormal has field 0 but the weight of field 1: it only lacks the leading one.
    return np.maximum(field, 1), np.where(bits & SIGN, -integer, integer)


def round_pack(magnitude: NDArray[np.int64], unit: NDArray[np.int64]) -> NDArray[np.int64]:
    """RNE_f32(magnitude * 2^(unit - 150)) as bits without sign, for 0 <= magnitude < 2^53 and unit >= 1."""
    length = np.frexp(magnitude.astype(np.float64))[1]
    exponent = np.maximum(unit + length - PRECISION, 1)  # 1: subnormals stop here and keep fewer bits
    dropped = np.maximum(exponent - unit, 0)
    kept = magnitude >> dropped << np.maximum(unit - exponent, 0)
    one = 1 << dropped
    rest = magnitude & (one - 1)
    up = (2 * rest > one) | ((2 * rest == one) & (kept & 1 == 1))
    # The leading one of `kept` counts the exponent up from exponent - 1, as does a carry out of the rounding;
    # a subnormal has no leading one and so gets field 0.
    packed = ((exponent - 1) << FRACTION_BITS) + kept + up
    return np.where(magnitude == 0, 0, np.minimum(packed, INFINITY))

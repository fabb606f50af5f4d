"""Elements of eight bits or fewer: from code to value, and from a number to the nearest code.

Positive floats order like their codes, so the nearest code is the number of midpoints between neighbouring values
that lie below a magnitude. No logarithm and no exponent is needed, and the ends take care of themselves: under the
first midpoint is zero, and past the last one the largest value, which is saturation.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import CANONICAL_NAN, FloatFormat


@cache
def element_values(element: FloatFormat) -> NDArray[np.float32]:
    """The value of every code, float32[2^bits], exact; a NaN code is CANONICAL_NAN."""
    values = np.array([element.value(code) for code in range(1 << element.bits)], np.float32)
    return np.where(np.isnan(values), np.uint32(CANONICAL_NAN), values.view(np.uint32)).view(np.float32)


@cache
def lowest_of_code(element: FloatFormat) -> NDArray[np.float64]:
    """The least magnitude that rounds to each code from 1 on, up to that of the largest finite value."""
    positive = np.array([element.value(code) for code in range(element.largest_code + 1)])
    midpoints = (positive[:-1] + positive[1:]) / 2
    # A tie goes to the even code, so an odd upper code is reached only by the next number above its midpoint.
    upper = np.arange(1, positive.size)
    return np.where(upper % 2, np.nextafter(midpoints, np.inf), midpoints)


def element_decode(codes: NDArray[np.uint8], element: FloatFormat) -> NDArray[np.float32]:
    """The value of each code: codes uint8[...] -> float32[...], exact; the sign of zero is kept.

    Another dtype raises TypeError, a code that is too wide ValueError. Source: OCP MX v1.0, section 5.3.
    """
    codes = require_dtype("codes", codes, np.uint8)
    values = element_values(element)
    if codes.max(initial=0) >= values.size:
        raise ValueError(f"code {codes.max()} is too wide for the element: expected 0 .. {values.size - 1}")
    return values[codes]


def element_encode(x: NDArray, element: FloatFormat) -> NDArray[np.uint8]:
    """The code nearest to each number: x float32[...] or float64[...] -> uint8[...].

    Ties go to the even code; what is larger than the largest value, infinity included, saturates there; the sign of
    zero is kept. NaN becomes the format's NaN code, and raises ValueError where it has none. Source: OCP MX v1.0,
    section 6.3 (to nearest even, saturating).
    """
    x = np.asarray(x)
    nan = np.isnan(x)
    if nan.any() and not element.nan_codes:
        raise ValueError("x holds NaN: expected numbers, for this element has no NaN code")
    magnitude = np.where(nan, 0, np.abs(x))
    codes = np.searchsorted(lowest_of_code(element), magnitude, side="right").astype(np.uint8)
    if element.nan_codes:
        codes = np.where(nan, np.uint8(min(element.nan_codes)), codes)
    return codes | np.where(np.signbit(x) & ~nan, np.uint8(1 << element.magnitude_bits), np.uint8(0))

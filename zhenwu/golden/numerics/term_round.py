"""From a sum in whole units to float32: apply the unit's exponent, then round once."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import CANONICAL_NAN

TOTAL_BITS = 42  # of a magnitude: what 32 products of E4M3 and two limbs of hardware may need
LARGEST_EXPONENT = 1 << 10


def term_round(
    total: NDArray[np.int64],
    exponent: NDArray[np.int32],
    nan: NDArray[np.bool_],
    plus_infinity: NDArray[np.bool_],
    minus_infinity: NDArray[np.bool_],
) -> NDArray[np.uint32]:
    """RNE_f32(total * 2^exponent) as float32 bits: broadcast -> uint32[...].

    Correctly rounded (error <= 0.5 ulp, ties to even). float64 has 53 bits for the 42 of `total`; its smallest place,
    2^-1074, is below every unit, and what is too large for it is too large for float32: so the cast is the only
    rounding. Subnormals are kept, overflow gives infinity, total 0 gives +0, a negative value that underflows -0. NaN,
    or infinities of both signs, give CANONICAL_NAN, another infinity itself. Another dtype raises TypeError, a total of
    2^42 or an exponent past 2^10, of either sign, ValueError. Source: our definition.
    """
    total = require_dtype("total", total, np.int64)
    exponent = require_dtype("exponent", exponent, np.int32)
    flags = [
        require_dtype(name, flag, np.bool_)
        for name, flag in (("nan", nan), ("plus_infinity", plus_infinity), ("minus_infinity", minus_infinity))
    ]
    for name, size, bound in (("total", total, 1 << TOTAL_BITS), ("exponent", exponent, LARGEST_EXPONENT + 1)):
        if np.abs(size).max(initial=0) >= bound:
            raise ValueError(f"{name} goes up to {np.abs(size).max()} in magnitude: expected less than {bound}")
    with np.errstate(over="ignore", under="ignore"):
        bits = np.ldexp(total.astype(np.float64), exponent).astype(np.float32).view(np.uint32)
    is_nan, plus, minus = flags
    bits = np.where(plus, np.float32(np.inf).view(np.uint32), bits)
    bits = np.where(minus, np.float32(-np.inf).view(np.uint32), bits)
    return np.where(is_nan | (plus & minus), np.uint32(CANONICAL_NAN), bits)

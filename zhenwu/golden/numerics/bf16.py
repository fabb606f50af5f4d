"""BF16 is the upper half of a float32: to encode is to round the lower half away."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import BF16, CANONICAL_NAN, FLOAT32

DROPPED = FLOAT32.mantissa_bits - BF16.mantissa_bits


def bf16_encode(x: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The nearest BF16 code: x float32[...] -> uint16[...], ties to even, overflow to infinity, NaN to 0x7FC0.

    Another dtype raises TypeError. Source: IEEE 754-2019, section 4.3.1, at eight bits of precision.
    """
    bits = require_dtype("x", x, np.float32).view(np.uint32)
    # Just under half a place, and the rest of the half where the kept part is odd; a carry moves on to the exponent.
    kept = (bits + np.uint32((1 << (DROPPED - 1)) - 1) + ((bits >> DROPPED) & 1)) >> DROPPED
    return np.where(np.isnan(x), np.uint16(CANONICAL_NAN >> DROPPED), kept.astype(np.uint16))


def bf16_decode(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The value of each code: uint16[...] -> float32[...], exact. Another dtype raises TypeError."""
    return (require_dtype("codes", codes, np.uint16).astype(np.uint32) << DROPPED).view(np.float32)

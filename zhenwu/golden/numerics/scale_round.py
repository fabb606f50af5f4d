"""From the exact dot product of a block to float32: apply both scales, then round once."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_BIAS, E8M0_NAN, PRODUCT_UNIT_EXPONENT


def scale_round(dot: NDArray[np.int32], scale_a: NDArray[np.uint8], scale_b: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """RNE_f32(dot * 2^-2 * 2^(scale_a + scale_b - 254)) as float32 bits: broadcast -> uint32[...].

    Correctly rounded (error <= 0.5 ulp, ties to even): the scaled dot is exact in float64, which has 53 bits for
    the 32 of `dot` and room for exponents of -256 .. 254, so the cast to float32 is the only rounding.
    Subnormals are kept, overflow gives infinity, dot 0 gives +0, a negative value that underflows -0, and a
    scale of 255 CANONICAL_NAN. Another dtype raises TypeError. Source: our definition; OCP MX v1.0, section
    6.1, leaves it open.
    """
    dot = require_dtype("dot", dot, np.int32)
    scale_a = require_dtype("scale_a", scale_a, np.uint8)
    scale_b = require_dtype("scale_b", scale_b, np.uint8)
    exponent = PRODUCT_UNIT_EXPONENT + scale_a.astype(np.int32) + scale_b - 2 * E8M0_BIAS
    exact = np.ldexp(dot.astype(np.float64), exponent)
    with np.errstate(over="ignore", under="ignore"):
        bits = exact.astype(np.float32).view(np.uint32)
    return np.where((scale_a == E8M0_NAN) | (scale_b == E8M0_NAN), np.uint32(CANONICAL_NAN), bits)

"""The dot product of two blocks, exact: 32 products of small integers and their sum."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.e2m1_decode import e2m1_decode
from zhenwu.spec.formats import BLOCK_SIZE


def mx_dot(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int32]:
    """sum_i a[..., i] * b[..., i] in quarters: E2M1 codes uint8[..., 32] each, broadcast -> int32[...], exact.

    An element is a whole number of halves, so the sum is a whole number of quarters, 2^PRODUCT_UNIT_EXPONENT,
    of at most 32 * 12 * 12 = 4608: nothing is rounded and the order of the sum does not matter. Another dtype
    raises TypeError; a last axis other than 32, or a code above 15, ValueError. Source: OCP MX v1.0, section
    6.1, which leaves precision and order open; the exact sum is our definition.
    """
    for name, codes in (("a", a), ("b", b)):
        if np.shape(codes)[-1:] != (BLOCK_SIZE,):
            raise ValueError(f"{name} has shape {np.shape(codes)}: expected a last axis of {BLOCK_SIZE}")
    a_halves = (2 * e2m1_decode(a)).astype(np.int32)
    b_halves = (2 * e2m1_decode(b)).astype(np.int32)
    return (a_halves * b_halves).sum(axis=-1, dtype=np.int32)

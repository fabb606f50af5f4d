"""E8M0, the block scale: a power of two in a byte."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import CANONICAL_NAN, E8M0, E8M0_NAN

BITS = np.array([E8M0.value(code) for code in range(1 << E8M0.bits)], dtype=np.float32).view(np.uint32)
BITS[E8M0_NAN] = CANONICAL_NAN


def e8m0_decode(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The value of each scale byte: codes uint8[...] -> float32[...], exact.

    Byte 0 is 2^-127, a float32 subnormal: E8M0 has no zero. Byte 255 is NaN, as bits CANONICAL_NAN. Another
    dtype raises TypeError. Source: OCP MX v1.0, section 5.4.1.
    """
    return BITS[require_dtype("codes", codes, np.uint8)].view(np.float32)

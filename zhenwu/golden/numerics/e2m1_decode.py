"""E2M1, the four-bit float: all sixteen values."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import E2M1

VALUES = np.array([E2M1.value(code) for code in range(1 << E2M1.bits)], dtype=np.float32)


def e2m1_decode(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The value of each E2M1 code: codes uint8[...] in 0 .. 15 -> float32[...], exact; code 8 is -0.

    Another dtype raises TypeError, a code above 15 ValueError. Source: OCP MX v1.0, section 5.3.3.
    """
    codes = require_dtype("codes", codes, np.uint8)
    if codes.max(initial=0) >= VALUES.size:
        raise ValueError(f"code {codes.max()} is no E2M1 code: expected 0 .. {VALUES.size - 1}")
    return VALUES[codes]

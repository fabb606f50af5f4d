"""What the KV cache stores: keys and values rounded to a format as they come in, and read back as plain numbers.

Attention itself stays in float. Only what is kept, and would have to be read again for every later token, is small.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics import SCALE_RULES, element_round, mx_round
from zhenwu.spec.formats import E2M1, E4M3

KV_FORMATS = ("fp32", "fp8", "mxfp8", "mxfp4")


def kv_quantiser(fmt: str, rule: str = "floor") -> Callable[[NDArray], NDArray]:
    """A function from float[..., head_dim] to the same shape and type with values on the grid of `fmt`.

    fp32 leaves them alone. fp8 casts each value to E4M3 by itself, saturating at 448. mxfp8 and mxfp4 take blocks of
    32 along head_dim, the last one ragged if need be, with the scale rule `rule`; a block that holds NaN or infinity
    becomes NaN. Values are cast to float32 before they are rounded. A format outside KV_FORMATS or a rule outside
    SCALE_RULES raises ValueError.
    """
    if fmt not in KV_FORMATS:
        raise ValueError(f"KV format {fmt!r}: expected one of {', '.join(KV_FORMATS)}")
    if rule not in SCALE_RULES:
        raise ValueError(f"scale rule {rule!r}: expected one of {', '.join(SCALE_RULES)}")
    if fmt == "fp32":
        return lambda x: x
    if fmt == "fp8":
        return lambda x: element_round(np.asarray(x, np.float32), E4M3).astype(x.dtype, copy=False)
    element = E4M3 if fmt == "mxfp8" else E2M1
    return lambda x: mx_round(np.asarray(x, np.float32), element, rule).astype(x.dtype, copy=False)

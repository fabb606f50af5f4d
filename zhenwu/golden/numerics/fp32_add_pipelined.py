"""Float32 addition that takes its time: the sums of `fp32_add`, and when each of them is there."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.fp32_add import fp32_add


def fp32_add_pipelined(x: NDArray[np.uint32], y: NDArray[np.uint32], latency: int) -> NDArray[np.uint32]:
    """What stands at the output while x[c], y[c] are put in: uint32[t] each -> uint32[t - latency + 1].

    Entry i is RNE_f32(x[i] + y[i]) and stands there in cycle i + latency - 1; before the first, nothing is promised.
    A latency below 1, or shapes other than [t], raise ValueError; another dtype TypeError.
    """
    if latency < 1 or np.ndim(x) != 1 or np.shape(x) != np.shape(y):
        raise ValueError(f"latency {latency}, x {np.shape(x)}, y {np.shape(y)}: expected at least 1, and [t] twice")
    shown = max(len(x) - latency + 1, 0)
    return fp32_add(x[:shown], y[:shown])

"""The residual buffer: lines of loads, each at the place that its half, row and step name."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS


def residual_buffer(lines: Iterable[tuple[int, int, int, NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """What both halves hold after (half, row, step, line uint8[32]) in turn: uint8[2, 16, 8, 32], 0 where none came."""
    buffer = np.zeros((2, STEP_ROWS, RESIDUAL_STEPS, LINE_BYTES), np.uint8)
    for half, row, step, line in lines:
        buffer[half, row, step] = line
    return buffer

"""Draining: the accumulators of a finished result leave the array row by row, `cols` float32 a cycle."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.spec.isa import STEP_ROWS


def drain(
    accumulators: NDArray[np.uint32], buffer: int, m: int, n: int, rows: int, cols: int
) -> NDArray[np.uint32]:
    """The beats uint32[m * ceil(n / cols), cols] of the m x n result in accumulator buffer 0 or 1.

    accumulators uint32[2 * sub-tiles, rows, cols]. Row-major: for every row, its sub-tiles from left to right.
    Columns from n on are +0.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    beats = []
    for row in range(m):
        for j in range(-(-n // cols)):
            slot = (buffer * sub_rows + row // rows) * sub_cols + j
            column = j * cols + np.arange(cols)
            beats.append(np.where(column < n, accumulators[slot, row % rows], np.uint32(0)))
    return np.array(beats)

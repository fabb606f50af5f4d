"""A residual: what a store adds to its result, from one half of the residual buffer."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS


def residual_add(
    words: NDArray[np.uint32], residual: NDArray[np.uint8], first_column: int = 0
) -> NDArray[np.uint32]:
    """words + the residual's rows 0 .. m - 1 and columns `first_column` .., float32 bits: uint32[m, n] -> uint32[m, n].

    residual uint8[16, 8, 32]: 64 float32 a row. Each sum is rounded once, and a NaN is CANONICAL_NAN. ValueError if the
    result is larger than the residual.
    """
    if residual.shape != (STEP_ROWS, RESIDUAL_STEPS, LINE_BYTES):
        raise ValueError(f"residual has shape {residual.shape}: expected {(STEP_ROWS, RESIDUAL_STEPS, LINE_BYTES)}")
    m, n = words.shape
    addends = residual.reshape(STEP_ROWS, -1).view("<u4").astype(np.uint32)  # (row, column)
    if m > STEP_ROWS or first_column + n > addends.shape[1]:
        raise ValueError(f"{m} x {n} from column {first_column} on: expected at most {addends.shape} altogether")
    return fp32_add(words, addends[:m, first_column : first_column + n])

"""The banks of one operand: which word of which memory each half of a line becomes.

Row r of a step lives in bank r mod banks, so that the array reads `banks` neighbouring rows at once. A word is
one block: 16 bytes, 32 codes. The scale bank's word is the scales of 16 rows for one block.

    element word    ((half * half_steps + step) * 2 + block) * sub_rows + row div banks      sub_rows = 16 / banks
    scale word       (half * half_steps + step) * 2 + block
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import BLOCK_BYTES
from zhenwu.golden.tile.mover import LineWrite
from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS

HALVES = 2
ARRAY_SIZES = (2, 4, 8)

Banks = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # elements [banks, depth, 16], scales [depth, 16]


def empty_banks(banks: int, half_steps: int) -> Banks:
    """Banks of zeros; ValueError unless `banks` is 2, 4 or 8. The real memories start with anything."""
    if banks not in ARRAY_SIZES:
        raise ValueError(f"{banks} banks: expected 2, 4 or 8")
    blocks = HALVES * half_steps * STEP_BLOCKS
    elements = np.zeros((banks, blocks * (STEP_ROWS // banks), BLOCK_BYTES), np.uint8)
    return elements, np.zeros((blocks, STEP_ROWS), np.uint8)


def operand_banks(writes: Iterable[tuple[LineWrite, NDArray[np.uint8]]], banks: int, half_steps: int) -> Banks:
    """The content after a sequence of line writes, each with its 32 bytes uint8[32].

    Returns elements uint8[banks, depth, 16] and scales uint8[depth, 16], zero where nothing was written. A
    step outside the half raises ValueError.
    """
    content = empty_banks(banks, half_steps)
    for write, line in writes:
        write_line(content, write, line, half_steps)
    return content


def write_line(content: Banks, write: LineWrite, line: NDArray[np.uint8], half_steps: int) -> None:
    """Put the two blocks of one line into their words."""
    if not 0 <= write.step < half_steps:
        raise ValueError(f"{write}: expected a step below {half_steps}")
    elements, scales = content
    banks = len(elements)
    sub_rows = STEP_ROWS // banks
    for block in range(STEP_BLOCKS):
        word = line[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]
        place = (write.half * half_steps + write.step) * STEP_BLOCKS + block
        if write.scale:
            scales[place] = word
        else:
            elements[write.row % banks, place * sub_rows + write.row // banks] = word

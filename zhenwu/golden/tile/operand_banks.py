"""The banks of one operand: which word of which memory each half of a line becomes.

Row r of a step lives in bank r mod banks, so that the array reads `banks` neighbouring rows at once. A word is 128
bits of one row: 32, 16 or 8 elements. The scale bank's word is the scales of 16 rows for one block.

    element word    ((half * half_steps + step) * 2 + word) * sub_rows + row div banks      sub_rows = 16 / banks
    scale word       half * half_steps * 2 + block
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import WORD_BYTES
from zhenwu.golden.tile.mover import LineWrite
from zhenwu.spec.isa import STEP_ROWS
from zhenwu.spec.mma_formats import STEP_WORDS

HALVES = 2
ARRAY_SIZES = (2, 4, 8)

Banks = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # elements [banks, depth, 16], scales [depth, 16]


def empty_banks(banks: int, half_steps: int) -> Banks:
    """Banks of zeros; ValueError unless `banks` is 2, 4 or 8. The real memories start with anything."""
    if banks not in ARRAY_SIZES:
        raise ValueError(f"{banks} banks: expected 2, 4 or 8")
    words = HALVES * half_steps * STEP_WORDS
    elements = np.zeros((banks, words * (STEP_ROWS // banks), WORD_BYTES), np.uint8)
    return elements, np.zeros((words, STEP_ROWS), np.uint8)


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
    """Put the two words of one line into their places; what lies beyond the half is refused with ValueError."""
    if not 0 <= write.step < half_steps * (STEP_WORDS if write.scale else 1):
        raise ValueError(f"{write}: expected a step below {half_steps}, or a block below twice that")
    elements, scales = content
    banks = len(elements)
    sub_rows = STEP_ROWS // banks
    for index in range(STEP_WORDS):
        word = line[index * WORD_BYTES : (index + 1) * WORD_BYTES]
        if write.scale:
            scales[write.half * half_steps * STEP_WORDS + write.step + index] = word
        else:
            place = (write.half * half_steps + write.step) * STEP_WORDS + index
            elements[write.row % banks, place * sub_rows + write.row // banks] = word

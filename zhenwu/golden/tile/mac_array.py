"""The array: rows x cols dot units, unit (r, c) multiplying row r of A's sub-tile by row c of B's.

            b_0   b_1   b_2   b_3        one 128-bit word of every bank of B
    a_0 ──> (0,0) (0,1) (0,2) (0,3)
    a_1 ──> (1,0) ...                    every word of A goes to a row of units, every word of B to a column:
    a_2 ──>                              rows + cols words feed rows * cols dot products
    a_3 ──>
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.dot_unit import Operation, dot_unit
from zhenwu.golden.tile.layout import unpack_codes
from zhenwu.golden.tile.mma_issue import Step
from zhenwu.golden.tile.operand_banks import Banks
from zhenwu.spec.mma_formats import MMA_CODES, OperandFormat


def mac_array(
    steps: Iterable[Step], a_banks: Banks, b_banks: Banks, accumulators: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """The accumulators uint32[2 * sub-tiles, rows, cols] after the steps, from those before them.

    Banks as `operand_banks` gives them, `rows` for A and `cols` for B. Slot s of unit (r, c) is row r, column c
    of sub-tile s. Where a sub-tile is ragged, the units outside it compute too, on whatever the banks hold.
    """
    return dot_unit((operation(group, a_banks, b_banks) for group in groups(steps)), accumulators)


def groups(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """The passes over each group together."""
    passes: list[Step] = []
    for step in steps:
        passes.append(step)
        if step.closes:
            yield passes
            passes = []


def operation(passes: Sequence[Step], a_banks: Banks, b_banks: Banks) -> Operation:
    """What all dot units do with one group: A varies along the first axis, B along the second."""
    step = passes[0]
    fmt = MMA_CODES[step.fmt]
    a_elements, a_scales = a_banks
    b_elements, b_scales = b_banks
    rows, cols = len(a_elements), len(b_elements)
    first_row, first_col = step.sub_row * rows, step.sub_col * cols
    a_words = [each.a_address for each in passes][: fmt.a_words]
    b_words = [each.b_address for each in passes][: fmt.b_words]
    return Operation(
        slot=step.slot,
        first=step.first,
        a=group_codes(a_elements, a_words, fmt.a)[:, None],  # (rows, 1, elements)
        b=group_codes(b_elements, b_words, fmt.b)[None, :],  # (1, cols, elements)
        a_scale=a_scales[step.a_scale_address, first_row : first_row + rows, None],  # (rows, 1)
        b_scale=b_scales[step.b_scale_address, None, first_col : first_col + cols],  # (1, cols)
        fmt=fmt,
    )


def group_codes(
    elements: NDArray[np.uint8], words: Sequence[int], fmt: OperandFormat
) -> NDArray[np.unsignedinteger]:
    """The codes of one group in every bank: [banks, elements of a group]."""
    return unpack_codes(elements[:, words].reshape(len(elements), -1), fmt.element.bits)

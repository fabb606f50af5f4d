"""The tile mover: a load instruction becomes reads of lines, and each line a place in the scratchpad."""

from dataclasses import dataclass

from zhenwu.golden.tile.layout import MEMORY_LINES
from zhenwu.spec.isa import STEP_ROWS, Load, fault


@dataclass(frozen=True)
class LineWrite:
    """A line on its way from memory to the scratchpad: where it is read and where it goes."""

    line_address: int
    operand: int  # 0: A, 1: B
    half: int
    step: int  # within the half: panel * k_steps + step of k
    row: int  # within the panel; 0 for a scale line
    scale: int  # 1: the scales of the step's 16 rows
    last: int  # the last line of the load


def mover(load: Load, half_steps: int) -> list[LineWrite]:
    """The lines of a load in the order in which they are read and arrive.

    For every panel and every step of k: the step's rows, then its scale line. A ragged last panel reads only
    the rows that there are. ValueError for a load that would trap (`isa.fault`): the sequencer keeps those away.
    """
    reason = fault(load, half_steps)
    if reason:
        raise ValueError(f"{load}: {reason}")
    panels = -(-load.rows // STEP_ROWS)
    writes = []
    for panel in range(panels):
        for k_step in range(load.k_steps):
            step = panel * load.k_steps + k_step
            first_row = panel * STEP_ROWS
            for row in range(min(STEP_ROWS, load.rows - first_row)):
                address = load.element_base + (first_row + row) * load.element_stride + k_step
                writes.append(line_write(load, address, step, row, scale=0))
            address = load.scale_base + panel * load.scale_stride + k_step
            last = step == panels * load.k_steps - 1
            writes.append(line_write(load, address, step, row=0, scale=1, last=int(last)))
    return writes


def line_write(load: Load, address: int, step: int, row: int, scale: int, last: int = 0) -> LineWrite:
    """One line of a load; addresses wrap at the end of the address space."""
    return LineWrite(address % MEMORY_LINES, load.operand, load.half, step, row, scale, last)

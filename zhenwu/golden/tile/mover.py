"""The tile mover: a load instruction becomes reads of lines, and each line a place in the scratchpad."""

from dataclasses import dataclass

from zhenwu.golden.tile.layout import LINE_BLOCKS, MEMORY_LINES
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, Load
from zhenwu.spec.mma_formats import OPERAND_FORMATS
from zhenwu.spec.trap import fault


@dataclass(frozen=True)
class LineWrite:
    """A line on its way from memory to the scratchpad: where it is read and where it goes."""

    line_address: int
    operand: int  # 0: A, 1: B, 2: the residual
    half: int
    step: int  # within the half: panel * k_steps + step of k; of a line of scales its first block, counted likewise
    row: int  # within the panel; 0 for a line of scales
    scale: int  # 1: the scales of 16 rows, two blocks
    last: int  # the last line of the load


def mover(load: Load, half_steps: int) -> list[LineWrite]:
    """The lines of a load in the order in which they are read and arrive.

    For every panel and every step of k: the step's rows, then the scales that have become due: a line of them for each
    step of MXFP4, for each two of MXFP8 and for a last one alone. A ragged last panel reads only the rows that there
    are. ValueError for a load that would trap (`trap.fault`): the sequencer keeps those away.
    """
    reason = fault(load, half_steps)
    if reason:
        raise ValueError(f"{load}: {reason}")
    fmt = OPERAND_FORMATS[load.fmt]
    step_blocks = fmt.line_elements // BLOCK_SIZE
    lines: list[tuple[int, int, int, int]] = []  # address, step, row, scale
    for panel in range(-(-load.rows // STEP_ROWS)):
        for k_step in range(load.k_steps):
            step = panel * load.k_steps + k_step
            for row in range(panel * STEP_ROWS, min((panel + 1) * STEP_ROWS, load.rows)):
                address = load.element_base + row * load.element_stride + k_step
                lines.append((address, step, row % STEP_ROWS, 0))
            blocks = (k_step + 1) * step_blocks  # of this panel that have come
            if fmt.scaled and (blocks % LINE_BLOCKS == 0 or k_step == load.k_steps - 1):
                line = (blocks - 1) // LINE_BLOCKS
                first_block = panel * load.k_steps * step_blocks + line * LINE_BLOCKS
                lines.append((load.scale_base + panel * load.scale_stride + line, first_block, 0, 1))
    return [
        LineWrite(address % MEMORY_LINES, load.operand, load.half, step, row, scale, int(index == len(lines) - 1))
        for index, (address, step, row, scale) in enumerate(lines)
    ]


def lines_of_load(load: Load) -> int:
    """How many lines a load reads."""
    fmt = OPERAND_FORMATS[load.fmt]
    panels = -(-load.rows // STEP_ROWS)
    scale_lines = -(-load.k_steps * fmt.line_elements // (BLOCK_SIZE * LINE_BLOCKS)) if fmt.scaled else 0
    return load.rows * load.k_steps + panels * scale_lines

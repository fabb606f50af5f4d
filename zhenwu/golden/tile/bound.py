"""The least time a program can take: the array's cycles and the memory's lines, counted from its instructions.

    cycles >= max(MMA cycles, lines * cycles per line)

A measured run stands beside this bound; their ratio is the utilisation. Chapter: the array and its utilisation.
"""

from collections.abc import Iterable

from zhenwu.golden.tile.layout import LINE_WORDS
from zhenwu.spec.isa import STEP_ROWS, Instruction, Load, Mma, Store


def mma_cycles(program: Iterable[Instruction], rows: int, cols: int) -> int:
    """Cycles in which a rows x cols array multiplies: one block of one sub-tile each.

    Sub-tiles wholly outside a ragged m or n are skipped; one partly outside costs a full cycle.
    """
    return sum(
        mma.k_blocks * -(-mma.m // rows) * -(-mma.n // cols) for mma in program if isinstance(mma, Mma)
    )


def lines_moved(program: Iterable[Instruction]) -> int:
    """Lines read by loads (elements and scales) plus lines written by stores."""
    lines = 0
    for instruction in program:
        match instruction:
            case Load(rows=rows, k_steps=k_steps):
                lines += (rows + -(-rows // STEP_ROWS)) * k_steps
            case Store(m=m, n=n):
                lines += m * -(-n // LINE_WORDS)
    return lines


def bound(program: Iterable[Instruction], rows: int, cols: int, cycles_per_line: float) -> float:
    """The larger of the two, in cycles, for a memory that moves one line every `cycles_per_line` cycles."""
    program = list(program)
    return max(mma_cycles(program, rows, cols), lines_moved(program) * cycles_per_line)

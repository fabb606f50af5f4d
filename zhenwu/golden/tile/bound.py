"""The least time a program can take: the array's cycles and the memory's lines, counted from its instructions.

    cycles >= max(MMA cycles, lines * cycles per line)

A measured run stands beside this bound; their ratio is the utilisation. Chapter: the array and its utilisation.
"""

from collections.abc import Iterable

from zhenwu.golden.tile.layout import LINE_FLOATS
from zhenwu.golden.tile.mover import lines_of_load
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, Instruction, Load, Mma, Store
from zhenwu.spec.mma_formats import MMA_CODES


def mma_cycles(program: Iterable[Instruction], rows: int, cols: int) -> int:
    """Cycles in which a rows x cols array multiplies: one pass over a group of one sub-tile each.

    Sub-tiles wholly outside a ragged m or n are skipped; one partly outside costs full cycles.
    """
    return sum(
        mma.k_groups * MMA_CODES[mma.fmt].passes * -(-mma.m // rows) * -(-mma.n // cols)
        for mma in program
        if isinstance(mma, Mma)
    )


def lines_moved(program: Iterable[Instruction]) -> int:
    """Lines read by loads (elements, scales and residuals) plus lines written by stores."""
    lines = 0
    for instruction in program:
        match instruction:
            case Load():
                lines += lines_of_load(instruction)
            case Store():
                lines += lines_of_store(instruction)
    return lines


def lines_of_store(store: Store) -> int:
    """How many lines a store writes; of a quantised matrix the store that closes it writes, or has written, all."""
    if store.fmt == STORE_FORMATS.index("float32"):
        return store.m * -(-store.n // LINE_FLOATS)
    if not store.closes:
        return 0
    columns = store.part * STEP_ROWS + store.n
    row_lines = -(-columns // BLOCK_SIZE) if store.fmt == STORE_FORMATS.index("mxfp8") else 1
    return store.m * row_lines + 1


def bound(program: Iterable[Instruction], rows: int, cols: int, cycles_per_line: float) -> float:
    """The larger of the two, in cycles, for a memory that moves one line every `cycles_per_line` cycles."""
    program = list(program)
    return max(mma_cycles(program, rows, cols), lines_moved(program) * cycles_per_line)

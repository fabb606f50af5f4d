"""The compiler for one matrix product: from places in memory to programs of load, mma and store.

The work is a list of *groups*. A group has one chunk of A in a half of A's scratchpad and one chunk of B in a
half of B's, and multiplies every panel of the one by every panel of the other. While a group multiplies, the
mover fills the other halves for the next one:

    load g0 | load g1 | mma g0 | load g2 | mma g1 | load g3 | ...

If a row of k fits in a half, a chunk is as many panels of 16 rows as fit; if not, a chunk is one panel over a
stretch of k, and the groups of one result accumulate. Chapter: the sequencer and the tile mover.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zhenwu.golden.tile.bound import lines_moved
from zhenwu.golden.tile.layout import LINE_WORDS, Operand, Result
from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS, Instruction, Load, LoadFields, Mma, Store, Wait

LONGEST_K_STEPS = (1 << LoadFields.k_steps.width) - 1
MOST_PANELS = ((1 << LoadFields.rows.width) - 1) // STEP_ROWS
LARGEST_HALF = 1 << 8  # steps; the mma's a_step and b_step and the mover's step are 8 bits


@dataclass(frozen=True)
class Chunk:
    """What one load brings: `panels` panels from `panel` on, `steps` steps of k from `step` on."""

    panel: int
    panels: int
    step: int
    steps: int


Group = tuple[Chunk, Chunk]  # of A and of B, over the same steps of k
Run = list[Group]  # the groups of one set of results: they accumulate, so no program may end between them
Loaded = tuple[Chunk | None, Chunk | None]
NOTHING: Loaded = (None, None)


def compile_matmul(
    a: Operand, b: Operand, c: Result, half_steps: int, program_depth: int = 256
) -> list[list[Instruction]]:
    """Programs that, run one after another, write A times B transposed to C.

    `half_steps` is the scratchpad's size in steps per half, 1 .. 256; no program exceeds `program_depth`
    instructions, and each ends with a wait. A half keeps its chunk while consecutive groups share it. Of the
    two loop orders the one that reads fewer lines is taken. ValueError where the three matrices do not agree,
    where half_steps is out of range, or where one result needs more than `program_depth` instructions.
    """
    if a.k != b.k:
        raise ValueError(f"a has k = {a.k} but b has k = {b.k}: expected the same")
    if (c.rows, c.columns) != (a.rows, b.rows):
        raise ValueError(f"c is {c.rows} x {c.columns}: expected {a.rows} x {b.rows}, the rows of a and of b")
    if not 1 <= half_steps <= LARGEST_HALF:
        raise ValueError(f"half_steps = {half_steps}: expected 1 .. {LARGEST_HALF}")

    a_chunks, b_chunks = chunks(a, b, half_steps, program_depth)
    a_outer = [list(zip(rows, columns, strict=True)) for rows in a_chunks for columns in b_chunks]
    b_outer = [list(zip(rows, columns, strict=True)) for columns in b_chunks for rows in a_chunks]
    orders = [
        [emit(groups, a, b, c) for groups in split(runs, a.steps, program_depth)] for runs in (a_outer, b_outer)
    ]
    return min(orders, key=lambda programs: sum(map(lines_moved, programs)))


def chunks(a: Operand, b: Operand, half_steps: int, program_depth: int) -> tuple[list[list[Chunk]], list[list[Chunk]]]:
    """The chunks of A and of B: for each range of panels, its stretches of k in ascending order."""
    steps = min(a.steps, half_steps, LONGEST_K_STEPS)
    fit = min(half_steps // steps, MOST_PANELS) if steps == a.steps else 1
    a_panels, b_panels = min(fit, a.panels), min(fit, b.panels)
    # Two loads, an mma and a store for each pair of panels, a wait: a group must fit in a program.
    while a_panels * b_panels > 1 and 2 + 2 * a_panels * b_panels + 1 > program_depth:
        if a_panels >= b_panels:
            a_panels -= 1
        else:
            b_panels -= 1
    return cut(a, a_panels, steps), cut(b, b_panels, steps)


def cut(operand: Operand, panels: int, steps: int) -> list[list[Chunk]]:
    """Cut an operand into chunks of at most `panels` panels and `steps` steps."""
    return [
        [
            Chunk(panel, min(panels, operand.panels - panel), step, min(steps, operand.steps - step))
            for step in range(0, operand.steps, steps)
        ]
        for panel in range(0, operand.panels, panels)
    ]


def split(runs: Iterable[Run], k_steps: int, program_depth: int) -> list[list[Group]]:
    """Join runs to programs' worth of groups, as many to a program as fit in it.

    No half stays full between programs, so the first group of each loads both of its chunks.
    """
    programs: list[list[Group]] = []
    length = program_depth
    for run in runs:
        fresh = 1 + added_instructions(NOTHING, run, k_steps)
        if fresh > program_depth:
            raise ValueError(f"{k_steps} steps of k need {fresh} instructions: expected at most {program_depth}")
        more = added_instructions(programs[-1][-1], run, k_steps) if programs else fresh
        if length + more > program_depth:
            programs.append([])
            length, more = 0, fresh
        programs[-1] += run
        length += more
    return programs


def added_instructions(loaded: Loaded, run: Run, k_steps: int) -> int:
    """Loads, mmas and stores that a run adds to a program whose last group is `loaded`."""
    count = 0
    for group in run:
        a_chunk, b_chunk = group
        count += sum(chunk != held for chunk, held in zip(group, loaded, strict=True))
        count += a_chunk.panels * b_chunk.panels * (1 + ends_k(a_chunk, k_steps))
        loaded = group
    return count


def ends_k(chunk: Chunk, k_steps: int) -> bool:
    """Whether the chunk is the last along k."""
    return chunk.step + chunk.steps == k_steps


def emit(groups: list[Group], a: Operand, b: Operand, c: Result) -> list[Instruction]:
    """One program: the loads of each group before the multiplications of the group before it."""
    loads: list[list[Instruction]] = []
    halves: list[tuple[int, int]] = []
    half = [1, 1]
    loaded = NOTHING
    for group in groups:
        fresh: list[Instruction] = []
        for operand, (chunk, held, matrix) in enumerate(zip(group, loaded, (a, b), strict=True)):
            if chunk != held:
                half[operand] ^= 1
                fresh.append(load(matrix, operand, half[operand], chunk))
        loads.append(fresh)
        halves.append((half[0], half[1]))
        loaded = group

    program = loads[0]
    for index, group in enumerate(groups):
        following = NOTHING
        if index + 1 < len(groups):
            program += loads[index + 1]
            following = groups[index + 1]
        release = tuple(int(chunk != next_chunk) for chunk, next_chunk in zip(group, following, strict=True))
        program += multiply(group, halves[index], release, a, b, c)
    return [*program, Wait()]


def load(matrix: Operand, operand: int, half: int, chunk: Chunk) -> Load:
    """The load of a chunk of operand 0 (A) or 1 (B)."""
    first_row = chunk.panel * STEP_ROWS
    return Load(
        operand=operand,
        half=half,
        rows=min(chunk.panels * STEP_ROWS, matrix.rows - first_row),
        k_steps=chunk.steps,
        element_base=matrix.element_base + first_row * matrix.element_stride + chunk.step,
        element_stride=matrix.element_stride,
        scale_base=matrix.scale_base + chunk.panel * matrix.scale_stride + chunk.step,
        scale_stride=matrix.scale_stride,
    )


def multiply(
    group: Group, halves: tuple[int, int], release: tuple[int, ...], a: Operand, b: Operand, c: Result
) -> list[Instruction]:
    """The mma of every pair of panels, each that ends k followed by its store; the last mma frees the halves."""
    a_chunk, b_chunk = group
    ends = ends_k(a_chunk, a.steps)
    instructions: list[Instruction] = []
    for a_panel in range(a_chunk.panels):
        for b_panel in range(b_chunk.panels):
            row = (a_chunk.panel + a_panel) * STEP_ROWS
            column = (b_chunk.panel + b_panel) * STEP_ROWS
            m, n = min(STEP_ROWS, a.rows - row), min(STEP_ROWS, b.rows - column)
            final = (a_panel, b_panel) == (a_chunk.panels - 1, b_chunk.panels - 1)
            instructions.append(
                Mma(
                    a_half=halves[0],
                    b_half=halves[1],
                    first=int(a_chunk.step == 0),
                    last=int(ends),
                    release_a=release[0] * final,
                    release_b=release[1] * final,
                    m=m,
                    n=n,
                    # A padded block is left out: it would add a zero and take a pass over the array.
                    k_blocks=min(a_chunk.steps * STEP_BLOCKS, a.blocks - a_chunk.step * STEP_BLOCKS),
                    a_step=a_panel * a_chunk.steps,
                    b_step=b_panel * b_chunk.steps,
                )
            )
            if ends:
                instructions.append(Store(m, n, base=c.base + row * c.stride + column // LINE_WORDS, stride=c.stride))
    return instructions

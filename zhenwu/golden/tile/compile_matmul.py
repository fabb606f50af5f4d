"""The compiler for one matrix product: from places in memory to programs of load, mma and store.

The work is a list of *groups*. A group has one chunk of A in a half of A's scratchpad and one chunk of B in a
half of B's, and multiplies every panel of the one by every panel of the other. While a group multiplies, the
mover fills the other halves for the next one:

    load g0 | load g1 | mma g0 | load g2 | mma g1 | load g3 | ...

If a row of k fits in a half, a chunk is as many panels of 16 rows as fit; if not, a chunk is one panel over a
stretch of k, and the groups of one result accumulate. Chapter: the sequencer and the tile mover.
"""

from collections.abc import Iterable

from zhenwu.golden.tile.bound import lines_moved
from zhenwu.golden.tile.chunks import Chunk, Matmul, chunks, ends_k, product_format
from zhenwu.golden.tile.layout import Operand, Result
from zhenwu.golden.tile.target import Target, stores
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import STEP_ROWS, Instruction, Load, Mma, Wait

LARGEST_HALF = 1 << 8  # steps; the mma's a_step and b_step and the mover's step are 8 bits


Group = tuple[Chunk, Chunk]  # of A and of B, over the same units of k
Run = list[Group]  # the groups of one set of results: they accumulate, so no program may end between them
Loaded = tuple[Chunk | None, Chunk | None]
NOTHING: Loaded = (None, None)



def compile_matmul(
    a: Operand, b: Operand, c: Result | Operand, half_steps: int, program_depth: int = 256,
    rule: str = SCALE_RULES[0], residual: Result | None = None,
) -> list[list[Instruction]]:
    """Programs that, run one after another, write A times B transposed, plus a residual if there is one, to C.

    C is float32, or an operand of the next product, whose blocks along n get their scales by `rule`.
    `half_steps` is the scratchpad's size in steps per half, 1 .. 256; no program exceeds `program_depth`
    instructions, and each ends with a wait. A half keeps its chunk while consecutive groups share it. Of the
    two loop orders the one that reads fewer lines is taken. ValueError where the matrices do not agree, where no
    product has the formats of a and b, where half_steps is out of range or too small for the format, or where one
    result needs more than `program_depth` instructions.
    """
    if a.k != b.k:
        raise ValueError(f"a has k = {a.k} but b has k = {b.k}: expected the same")
    target = Target(c, rule, residual)
    if (target.rows, target.columns) != (a.rows, b.rows):
        size = f"{target.rows} x {target.columns}"
        raise ValueError(f"c is {size}: expected {a.rows} x {b.rows}, the rows of a and of b")
    if not 1 <= half_steps <= LARGEST_HALF:
        raise ValueError(f"half_steps = {half_steps}: expected 1 .. {LARGEST_HALF}")

    matmul = Matmul(a, b, target, product_format(a, b))
    a_chunks, b_chunks, row_by_row = chunks(matmul, half_steps, program_depth)
    a_outer = [list(zip(rows, columns, strict=True)) for rows in a_chunks for columns in b_chunks]
    b_outer = [list(zip(rows, columns, strict=True)) for columns in b_chunks for rows in a_chunks]
    orders = [
        [emit(groups, matmul) for groups in split(runs, matmul, program_depth)]
        for runs in ([a_outer] if row_by_row else [a_outer, b_outer])
    ]
    return min(orders, key=lambda programs: sum(map(lines_moved, programs)))


def split(runs: Iterable[Run], matmul: Matmul, program_depth: int) -> list[list[Group]]:
    """Join runs to programs' worth of groups, as many to a program as fit in it.

    No half stays full between programs, so the first group of each loads both of its chunks. Nor does a quantised
    matrix stay open, so the runs that make its parts stay together.
    """
    programs: list[list[Group]] = []
    length = program_depth
    for run in together(runs, matmul):
        fresh = 1 + added_instructions(NOTHING, run, matmul)
        if fresh > program_depth:
            raise ValueError(
                f"{matmul.units} units of k need {fresh} instructions: expected at most {program_depth}"
            )
        more = added_instructions(programs[-1][-1], run, matmul) if programs else fresh
        if length + more > program_depth:
            programs.append([])
            length, more = 0, fresh
        programs[-1] += run
        length += more
    return programs


def together(runs: Iterable[Run], matmul: Matmul) -> Iterable[Run]:
    """The runs, those that make parts of the same quantised matrices joined to one."""
    joined: Run = []
    for run in runs:
        joined += run
        b_chunk = run[-1][1]
        if matmul.target.closes(b_chunk.panel + b_chunk.panels - 1):
            yield joined
            joined = []


def added_instructions(loaded: Loaded, run: Run, matmul: Matmul) -> int:
    """Loads, mmas and stores that a run adds to a program whose last group is `loaded`."""
    count = 0
    for group in run:
        a_chunk, b_chunk = group
        count += sum(chunk != held for chunk, held in zip(group, loaded, strict=True))
        count += a_chunk.panels * b_chunk.panels
        if ends_k(a_chunk, matmul):
            panels = range(b_chunk.panel, b_chunk.panel + b_chunk.panels)
            count += a_chunk.panels * sum(len(stores(matmul.target, 0, panel, 0)) for panel in panels)
        loaded = group
    return count


def emit(groups: list[Group], matmul: Matmul) -> list[Instruction]:
    """One program: the loads of each group before the multiplications of the group before it."""
    loads: list[list[Instruction]] = []
    halves: list[tuple[int, int]] = []
    half = [1, 1]
    loaded = NOTHING
    for group in groups:
        fresh: list[Instruction] = []
        for operand, (chunk, held, matrix) in enumerate(zip(group, loaded, (matmul.a, matmul.b), strict=True)):
            if chunk != held:
                half[operand] ^= 1
                fresh.append(load(matmul, matrix, operand, half[operand], chunk))
        loads.append(fresh)
        halves.append((half[0], half[1]))
        loaded = group

    program = loads[0]
    matrices = 0  # results, or quantised matrices, begun
    for index, group in enumerate(groups):
        following = NOTHING
        if index + 1 < len(groups):
            program += loads[index + 1]
            following = groups[index + 1]
        release = tuple(int(chunk != next_chunk) for chunk, next_chunk in zip(group, following, strict=True))
        instructions, matrices = multiply(group, halves[index], release, matmul, matrices)
        program += instructions
    return [*program, Wait()]


def load(matmul: Matmul, matrix: Operand, operand: int, half: int, chunk: Chunk) -> Load:
    """The load of a chunk of operand 0 (A) or 1 (B)."""
    first_row = chunk.panel * STEP_ROWS
    return Load(
        operand=operand,
        half=half,
        rows=min(chunk.panels * STEP_ROWS, matrix.rows - first_row),
        k_steps=matmul.lines(matrix, chunk.unit, chunk.units),
        element_base=matrix.element_base
        + first_row * matrix.element_stride
        + chunk.unit * (matmul.unit_elements // matrix.fmt.line_elements),
        element_stride=matrix.element_stride,
        scale_base=matrix.scale_base + chunk.panel * matrix.scale_stride + chunk.unit if matrix.fmt.scaled else 0,
        scale_stride=matrix.scale_stride if matrix.fmt.scaled else 0,
        fmt=matrix.fmt.code,
    )


def multiply(
    group: Group, halves: tuple[int, int], release: tuple[int, ...], matmul: Matmul, matrices: int
) -> tuple[list[Instruction], int]:
    """The mma of every pair of panels, each that ends k followed by its store; the last mma frees the halves.

    `matrices` counts the results stored so far, and is returned as it is after these.
    """
    a_chunk, b_chunk = group
    a, b, ends = matmul.a, matmul.b, ends_k(a_chunk, matmul)
    instructions: list[Instruction] = []
    for a_panel in range(a_chunk.panels):
        for b_panel in range(b_chunk.panels):
            row, column = a_chunk.panel + a_panel, b_chunk.panel + b_panel
            final = (a_panel, b_panel) == (a_chunk.panels - 1, b_chunk.panels - 1)
            mma = Mma(
                a_half=halves[0],
                b_half=halves[1],
                first=int(a_chunk.unit == 0),
                last=int(ends),
                release_a=release[0] * final,
                release_b=release[1] * final,
                m=min(STEP_ROWS, a.rows - row * STEP_ROWS),
                n=min(STEP_ROWS, b.rows - column * STEP_ROWS),
                k_groups=matmul.groups(a_chunk.unit, a_chunk.units),
                a_step=a_panel * matmul.lines(a, a_chunk.unit, a_chunk.units),
                b_step=b_panel * matmul.lines(b, b_chunk.unit, b_chunk.units),
                fmt=matmul.fmt.code,
            )
            if ends:
                around = stores(matmul.target, row, column, matrices)
                instructions += [each for each in around if isinstance(each, Load)]
                instructions += [mma, around[-1]]
                matrices += matmul.target.closes(column)
            else:
                instructions.append(mma)
    return instructions, matrices

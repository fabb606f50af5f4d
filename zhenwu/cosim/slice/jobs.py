"""What the slice is tried on besides a real layer: random shapes, and a program that loads what it stored."""

from collections.abc import Sequence

import numpy as np

from zhenwu.cosim.tile.host import Job, lines_of, matmul_job
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, PROGRAM_DEPTH, ROWS
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import (
    LINE_BYTES,
    MEMORY_LINES,
    STEP_ELEMENTS,
    Operand,
    Result,
    pack_operand,
    plan,
    unpack_result,
)
from zhenwu.golden.tile.tile import tile
from zhenwu.spec.isa import FINISHED, encode, status

CHAIN = (20, 32, 64, 10)  # m, n, k of the first product, n of the second


def shaped_jobs(
    seed: int, shapes: Sequence[tuple[int, int, int]], program_depth: int = PROGRAM_DEPTH, rows: int = ROWS,
    cols: int = COLS,
) -> list[Job]:
    """Random matrices of these m, n, k, each job somewhere in memory, the last one at its end."""
    rng = np.random.default_rng(seed)
    jobs = []
    for index, (m, n, k) in enumerate(shapes):
        a, b = (rng.standard_normal((height, k), np.float32) for height in (m, n))
        c = plan(m, n, k)[2]
        room = MEMORY_LINES - c.base - c.rows * c.stride
        first_line = room if index == len(shapes) - 1 else int(rng.integers(room))
        jobs.append(matmul_job(
            f"{m} x {n} x {k}", a, b, rows=rows, cols=cols, half_steps=HALF_STEPS, program_depth=program_depth,
            first_line=first_line,
        ))
    return jobs


def chained_job(seed: int) -> Job:
    """A product, and a second one whose A is the first one's C, its bits read as MXFP4 codes, in one program.

    The second product's loads follow the stores at once, when most lines still wait in the controller. What must be
    in memory comes from the golden tile.
    """
    rng = np.random.default_rng(seed)
    m, n, k, second_n = CHAIN
    a, b, c = plan(m, n, k)
    second_k = c.stride * STEP_ELEMENTS
    end = c.base + c.rows * c.stride
    again = Operand(c.base, c.stride, end, c.stride, m, second_k)
    end = again.scale_base + again.panels * again.scale_stride
    second_b = Operand(end, c.stride, end + second_n * c.stride, c.stride, second_n, second_k)
    end = second_b.scale_base + second_b.panels * second_b.scale_stride
    d = Result(end, Result(0, 0, m, second_n).row_lines, m, second_n)

    memory = np.zeros((d.base + d.rows * d.stride, LINE_BYTES), np.uint8)
    for operand in (a, b, again, second_b):
        codes = rng.integers(0, 16, (operand.rows, operand.blocks * STEP_ELEMENTS // 2), np.uint8)
        pack_operand(codes, rng.integers(118, 136, (operand.rows, operand.blocks), np.uint8), memory, operand)
    memory[c.base : again.scale_base] = 0
    program = [*compile_matmul(a, b, c, HALF_STEPS)[0], *compile_matmul(again, second_b, d, HALF_STEPS)[0]]
    words = [encode(instruction) for instruction in program]
    after, end_status = tile(words, memory, ROWS, COLS, HALF_STEPS)
    assert end_status == status(FINISHED)
    written = lines_of(after[c.base : again.scale_base], c.base) | lines_of(after[d.base :], d.base)
    return Job(
        name="a product of a product", programs=[words], image=lines_of(memory), statuses=[end_status],
        written=written, shape=(m, second_n, second_k), product=unpack_result(after, d), result=d,
        mma_cycles=mma_cycles(program, ROWS, COLS), lines_moved=lines_moved(program), program_depth=PROGRAM_DEPTH,
    )

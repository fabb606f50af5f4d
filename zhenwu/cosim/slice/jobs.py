"""What the slice is tried on besides a real layer: random shapes, and a program that loads what it stored."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import lines_of, matmul_job
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, PROGRAM_DEPTH, ROWS
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import (
    LINE_BYTES,
    MEMORY_LINES,
    Operand,
    Result,
    pack_operand,
    plan,
    unpack_result,
)
from zhenwu.golden.tile.tile import tile
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import FINISHED, Instruction, Load, Mma, encode, status
from zhenwu.spec.mma_formats import MXFP4_OPERAND

CHAIN = (5, 16, 64, 64)  # m, n, k of the first two products, n of the third
SPREAD = (3, 18, 30)
WIDE = 4099  # lines from one row to the next


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


def packed(rng: np.random.Generator, memory: NDArray[np.uint8], operand: Operand) -> None:
    """Random codes and scales in the place of an operand."""
    codes = rng.integers(0, 16, (operand.rows, operand.blocks * BLOCK_SIZE), np.uint8)
    pack_operand(codes, rng.integers(118, 136, (operand.rows, operand.blocks), np.uint8), memory, operand)


def after(operand: Operand) -> int:
    """The first line behind an operand."""
    return operand.scale_base + operand.panels * operand.scale_stride


def program_job(
    name: str, program: list[Instruction], memory: NDArray[np.uint8], results: Sequence[Result], k: int
) -> Job:
    """A program of its own making on a memory that holds its operands; what it must write comes from the golden tile.

    The last of `results` is the job's; its program memory is just as deep as the program is long.
    """
    words = [encode(instruction) for instruction in program]
    changed, end = tile(words, memory, ROWS, COLS, HALF_STEPS)
    assert end == status(FINISHED)
    written = {}
    for place in results:
        for first in range(place.base, place.base + place.rows * place.stride, place.stride):
            written |= lines_of(changed[first : first + place.row_lines], first)
    result = results[-1]
    return Job(
        name=name, programs=[words], image=lines_of(memory), statuses=[end], written=written,
        shape=(result.rows, result.columns, k), product=unpack_result(changed, result), result=result,
        mma_cycles=mma_cycles(program, ROWS, COLS), lines_moved=lines_moved(program), program_depth=len(words),
    )


def other_half(instruction: Instruction) -> Instruction:
    """The same with the scratchpad's other halves."""
    match instruction:
        case Load(half=half):
            return replace(instruction, half=1 - half)
        case Mma(a_half=a_half, b_half=b_half):
            return replace(instruction, a_half=1 - a_half, b_half=1 - b_half)
    return instruction


def chained_job(seed: int) -> Job:
    """A product stored, another stored over it, and a third whose A is that one's C, its bits read as MXFP4 codes.

    The third one's B is long: while it is read, all stores wait in the controller. So the loads of its A find each line
    twice there, and the younger must come.
    """
    rng = np.random.default_rng(seed)
    m, n, k, third_n = CHAIN
    a, b, c = plan(m, n, k)
    third_k, end = c.stride * MXFP4_OPERAND.line_elements, c.base + c.rows * c.stride
    again = Operand(c.base, c.stride, end, c.stride, m, third_k)
    other = Operand(after(again), b.element_stride, after(again) + n * b.element_stride, b.scale_stride, n, k)
    third_b = Operand(after(other), c.stride, after(other) + third_n * c.stride, c.stride, third_n, third_k)
    d = Result(after(third_b), Result(0, 0, m, third_n).row_lines, m, third_n)
    memory = np.zeros((d.base + d.rows * d.stride, LINE_BYTES), np.uint8)
    for operand in (a, b, again, other, third_b):
        packed(rng, memory, operand)
    memory[c.base : again.scale_base] = 0
    products = (a, other, c), (a, b, c), (again, third_b, d)
    first, second, third = (compile_matmul(*places, HALF_STEPS)[0] for places in products)
    load_1a, load_1b, mma_1, store_1, _ = first
    load_2a, load_2b, mma_2, store_2, wait = map(other_half, second)
    load_3a, load_3b, *rest = third
    program = [load_1a, load_1b, load_2a, load_2b, mma_1, store_1, load_3b, mma_2, store_2, wait, load_3a, *rest]
    return program_job("a product of a product", program, memory, [c, d], third_k)


def spread_job(seed: int) -> Job:
    """A small product whose rows lie far apart."""
    rng = np.random.default_rng(seed)
    m, n, k = SPREAD
    a = Operand(0, WIDE, 1, WIDE, m, k)
    b = Operand(100, WIDE + 1, 101 + WIDE, WIDE + 1, n, k)
    c = Result(500, WIDE + 2, m, n)
    memory = np.zeros((n * (WIDE + 2), LINE_BYTES), np.uint8)
    for operand in (a, b):
        packed(rng, memory, operand)
    (program,) = compile_matmul(a, b, c, HALF_STEPS)
    return program_job("rows far apart", program, memory, [c], k)

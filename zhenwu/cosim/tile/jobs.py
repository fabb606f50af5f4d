"""Jobs for the tile: a product of two matrices in any of its formats, as the host runs it and as it must come out."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.tile.host import Job, Lines
from zhenwu.golden.numerics import fp32_add, mx_quantise
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import LINE_BYTES, LINE_FLOATS, MEMORY_LINES, Operand, Result, pack_operand, plan
from zhenwu.golden.tile.matmul import encode_operand, product
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import FINISHED, encode, status
from zhenwu.spec.mma_formats import MXFP4_MMA, MmaFormat, OperandFormat


@dataclass(frozen=True)
class Wanted:
    """How a product is multiplied and stored.

    `store`: quantised as an operand of this format, its scales chosen by `rule`; None: float32. `residual`: float32[m,
    n] added before.
    """

    fmt: MmaFormat = MXFP4_MMA
    store: OperandFormat | None = None
    rule: str = SCALE_RULES[0]
    residual: NDArray[np.float32] | None = field(default=None, compare=False)


PLAIN = Wanted()  # MXFP4, stored as float32


def lines_of(memory: NDArray[np.uint8], first_line: int = 0) -> Lines:
    """The lines of a memory as ints; the first of them lies at `first_line`."""
    return {first_line + index: int.from_bytes(line.tobytes(), "little") for index, line in enumerate(memory)}


def matmul_job(
    name: str, a: NDArray[np.float32], b: NDArray[np.float32], *, rows: int, cols: int, half_steps: int,
    program_depth: int, first_line: int = 0, wanted: Wanted = PLAIN,
) -> Job:
    """C[m,n] = A[m,k] . B[n,k], in memory from `first_line` on.

    What must be written comes from the definition of the format, not from the golden tile.
    """
    fmt, (m, k), n = wanted.fmt, a.shape, len(b)
    a_codes, b_codes = encode_operand(a, fmt.a, wanted.rule), encode_operand(b, fmt.b, wanted.rule)
    a_local, b_local, c_local = plan(m, n, k, fmt=fmt)
    end = end_of(stored_place(c_local, wanted))  # the residual stands behind C
    memory = np.zeros((end + m * c_local.stride, LINE_BYTES), np.uint8)
    pack_operand(*a_codes, memory, a_local)
    pack_operand(*b_codes, memory, b_local)
    expected = product(a_codes, b_codes, fmt)

    a_place, b_place, c_place = plan(m, n, k, first_line, fmt)
    residual = None
    if wanted.residual is not None:
        expected = fp32_add(expected, wanted.residual.view(np.uint32))
        put_floats(memory, Result(end, c_local.stride, m, n), wanted.residual.view(np.uint32))
        residual = Result(first_line + end, c_local.stride, m, n)
    target = stored_place(c_place, wanted)
    programs = compile_matmul(a_place, b_place, target, half_steps, program_depth, wanted.rule, residual)
    everything = [instruction for program in programs for instruction in program]
    image = memory if residual is not None else memory[: c_local.base]
    return Job(
        name=name,
        programs=[[encode(instruction) for instruction in program] for program in programs],
        image=lines_of(image, first_line),
        statuses=[status(FINISHED)] * len(programs),
        written=written_lines(expected, target, wanted.rule),
        shape=(m, n, k),
        product=expected,
        result=target,
        mma_cycles=mma_cycles(everything, rows, cols),
        lines_moved=lines_moved(everything),
        program_depth=program_depth,
    )


def stored_place(c: Result, wanted: Wanted) -> Result | Operand:
    """Where the product goes: `c`, or a place for the same matrix in a format of MX, from the first line of `c` on."""
    if wanted.store is None:
        return c
    size = Operand(0, 0, 0, 0, c.rows, c.columns, wanted.store)
    scale_base = c.base + c.rows * size.steps
    return Operand(c.base, size.steps, scale_base, size.scale_steps, c.rows, c.columns, wanted.store)


def end_of(place: Result | Operand) -> int:
    """The line behind a matrix."""
    if isinstance(place, Result):
        return place.base + place.rows * place.stride
    return place.scale_base + place.panels * place.scale_stride


def require_room(m: int, n: int, k: int, first_line: int, wanted: Wanted) -> None:
    """ValueError if A[m, k], B[n, k], C and the residual reach beyond memory, or cannot be addressed."""
    c = plan(m, n, k, first_line, wanted.fmt)[2]
    end = end_of(stored_place(c, wanted)) + (0 if wanted.residual is None else m * c.stride)
    if end > MEMORY_LINES:
        what = "C" if wanted.residual is None else "the residual"
        raise ValueError(f"m = {m}, n = {n}, k = {k}: {what} would end at line {end}, expected at most {MEMORY_LINES}")


def written_lines(expected: NDArray[np.uint32], target: Result | Operand, rule: str) -> Lines:
    """The lines that hold a product of these float32 bits where it goes, and as it goes there."""
    if isinstance(target, Result):
        return result_lines(expected, target)
    first, end = target.element_base, end_of(target)
    memory = np.zeros((end - first, LINE_BYTES), np.uint8)
    here = Operand(0, target.element_stride, target.scale_base - first, target.scale_stride, target.rows, target.k,
                   target.fmt)
    pack_operand(*mx_quantise(expected.view(np.float32), target.fmt.element, rule), memory, here)
    return lines_of(memory, first)


def result_lines(expected: NDArray[np.uint32], place: Result) -> Lines:
    """The lines of C in memory: float32 row-major, rows padded to whole lines with +0."""
    memory = np.zeros((place.rows * place.row_lines, LINE_BYTES), np.uint8)
    put_floats(memory, Result(0, place.row_lines, place.rows, place.columns), expected)
    lines = lines_of(memory)
    return {
        place.base + row * place.stride + line: lines[row * place.row_lines + line]
        for row in range(place.rows)
        for line in range(place.row_lines)
    }


def put_floats(memory: NDArray[np.uint8], place: Result, words: NDArray[np.uint32]) -> None:
    """Write float32 bits uint32[rows, columns] where a result of that size lies."""
    padded = np.zeros((place.rows, place.row_lines * LINE_FLOATS), "<u4")
    padded[:, : place.columns] = words
    for row, line in enumerate(padded.view(np.uint8).reshape(place.rows, place.row_lines, LINE_BYTES)):
        memory[place.base + row * place.stride : place.base + row * place.stride + place.row_lines] = line

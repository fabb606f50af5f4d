"""Jobs in all formats: random shapes with each way to store them, and layers that feed one another."""

from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import Wanted, lines_of, matmul_job, written_lines
from zhenwu.cosim.tile.tile_bench import HALF_STEPS, PROGRAM_DEPTH
from zhenwu.golden.numerics import mx_quantise
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import LINE_BYTES, Operand, Result, pack_operand
from zhenwu.golden.tile.matmul import encode_operand, product
from zhenwu.golden.tile.roll import roll
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import FINISHED, decode, encode, status
from zhenwu.spec.mma_formats import (
    ALL_FORMATS,
    MMA_FORMATS,
    MXFP4_OPERAND,
    MXFP8_MMA,
    MXFP8_OPERAND,
    MmaFormat,
    OperandFormat,
)

STORES = (None, MXFP4_OPERAND, MXFP8_OPERAND)
ONE_SUB_TILE = (1, 3, 33)  # on an array of 4 columns: each sum waits for the adder, and A's lines meet in one bank
LOOPED = (12, 256)  # m and k: a panel of B fills a half, and so goes round a loop; the array takes longer than its load


def format_jobs(
    seed: int, count: int, rows: int, cols: int, formats: tuple[str, ...] = ALL_FORMATS
) -> list[Job]:
    """`count` random shapes: the formats, ways to store and scale rules in turn, every other one with a residual.

    The first one of the last format is ONE_SUB_TILE.
    """
    random, rng = Random(f"{seed}/formats"), np.random.default_rng(seed)
    jobs = []
    for index in range(count):
        fmt = MMA_FORMATS[formats[index % len(formats)]]
        store = STORES[(index // len(formats) + index) % len(STORES)]
        rule = SCALE_RULES[(seed + index) % len(SCALE_RULES)]
        m = random.choice([1, random.randint(1, 20)])
        n = random.choice([3, random.randint(1, 40), random.randint(60, 70)])
        k = random.choice([random.randint(1, 40), random.randint(60, 140), HALF_STEPS * fmt.a.line_elements + 33])
        if index == len(formats) - 1:
            m, n, k = ONE_SUB_TILE
        a, b = (wide(rng, height, k) for height in (m, n))
        residual = wide(rng, m, n) if index % 2 else None
        wanted = Wanted(fmt, store, rule, residual)
        name = f"{m} x {n} x {k} {fmt.name} to {'float32' if store is None else store.name}"
        sizes = {"rows": rows, "cols": cols, "half_steps": HALF_STEPS, "program_depth": PROGRAM_DEPTH}
        jobs.append(matmul_job(name, a, b, **sizes, wanted=wanted))
    return jobs


def wide(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    """Numbers over some twenty binades, with signed zeros, and now and then a row with infinity or NaN."""
    x = np.ldexp(rng.standard_normal((rows, columns)), rng.integers(-14, 6, (rows, columns))).astype(np.float32)
    x[rng.random(x.shape) < 0.05] *= 0
    if rng.random() < 0.2:
        x[rng.integers(rows), rng.integers(columns)] = rng.choice(np.array([np.inf, -np.inf, np.nan], np.float32))
    return x


def loop_job(seed: int, n: int, store: OperandFormat | None, rows: int, cols: int) -> Job:
    """A product of MXFP8 whose panels of B come one after another, in loops."""
    rng, (m, k) = np.random.default_rng(seed), LOOPED
    sizes = {"rows": rows, "cols": cols, "half_steps": HALF_STEPS, "program_depth": PROGRAM_DEPTH}
    name = f"{m} x {n} x {k} {MXFP8_MMA.name} to {'float32' if store is None else store.name}"
    return rolled(matmul_job(name, wide(rng, m, k), wide(rng, n, k), **sizes, wanted=Wanted(MXFP8_MMA, store)))


def rolled(job: Job) -> Job:
    """The same job with each of its programs rolled into loops."""
    programs = [[encode(each) for each in roll([decode(word) for word in words])] for words in job.programs]
    return replace(job, name=f"{job.name}, in loops", programs=programs)


def chained_job(
    seed: int, size: tuple[int, int, int, int], fmt: MmaFormat, then: MmaFormat, rule: str, rows: int, cols: int
) -> Job:
    """Two layers: m x n of A[m, k] . B[n, k], stored in the format that `then` has on its left, times another matrix.

    What must be written comes from the definitions: the second layer reads what the first one quantised.
    """
    m, n, k, last_n = size
    rng = np.random.default_rng(seed)
    a, b, c = (rng.standard_normal(shape, np.float32) for shape in ((m, k), (n, k), (last_n, n)))
    sizes = {"rows": rows, "cols": cols, "half_steps": HALF_STEPS, "program_depth": PROGRAM_DEPTH}
    first = matmul_job("layer", a, b, **sizes, wanted=Wanted(fmt, then.a, rule))
    job = followed_by(first, c, then, rule, rows, cols)
    return replace(job, name=f"{m} x {n} x {k} {fmt.name} to {then.a.name} {rule}, then x {last_n} {then.name}")


def followed_by(first: Job, c: NDArray[np.float32], then: MmaFormat, rule: str, rows: int, cols: int) -> Job:
    """A job that stores an operand of `then`, and programs that multiply what it stored by c[last_n, n]."""
    left, (m, n, _), last_n = first.result, first.shape, len(c)
    hidden = mx_quantise(first.product.view(np.float32), then.a.element, rule)
    weights = encode_operand(c, then.b)
    end = left.scale_base + left.panels * left.scale_stride
    size_of = Operand(0, 0, 0, 0, last_n, n, then.b)
    right = Operand(end, size_of.steps, end + last_n * size_of.steps, size_of.scale_steps, last_n, n, then.b)
    out = Result(right.scale_base + right.panels * right.scale_steps, -(-last_n // 8), m, last_n)
    memory = np.zeros((out.base - end, LINE_BYTES), np.uint8)
    pack_operand(*weights, memory, replace(right, element_base=0, scale_base=right.scale_base - end))
    programs = compile_matmul(left, right, out, HALF_STEPS, PROGRAM_DEPTH)
    everything = [instruction for program in programs for instruction in program]
    expected = product(hidden, weights, then)
    return replace(
        first,
        programs=[*first.programs, *([encode(instruction) for instruction in program] for program in programs)],
        image=first.image | lines_of(memory, end),
        statuses=[*first.statuses, *[status(FINISHED)] * len(programs)],
        written=first.written | written_lines(expected, out, rule),
        shape=(m, last_n, n),
        product=expected,
        result=out,
        mma_cycles=first.mma_cycles + mma_cycles(everything, rows, cols),
        lines_moved=first.lines_moved + lines_moved(everything),
    )

"""Cosimulation of the whole tile: a real layer, a decode step, random shapes, and programs that must end badly.

What must be in memory afterwards comes from the definition of the format, and for the bad programs from the golden
tile.
"""

from dataclasses import replace
from random import Random

import numpy as np

from hdl.bench.coverage import Coverage
from zhenwu.cosim.agent_layer import agent_layer
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET
from zhenwu.cosim.tile import tile_bench
from zhenwu.cosim.tile.bad_programs import bad_format_jobs, bad_jobs
from zhenwu.cosim.tile.check_jobs import BINS, check_jobs
from zhenwu.cosim.tile.decode_step import decode_step
from zhenwu.cosim.tile.drawing import matmul_drawing
from zhenwu.cosim.tile.format_jobs import chained_job, format_jobs, loop_job
from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import matmul_job
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, PROGRAM_DEPTH, ROWS, sized_job
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS, MXFP8_OPERAND

ORACLE = f"{tile_bench.ORACLE}; for a decode step the scores of golden arithmetic"
NOT_CHECKED = f"{tile_bench.NOT_CHECKED}; layers of the agent after the first"
SHAPES = 30
CHAINS = (("mxfp4", "mxfp4"), ("bf16", "w4a8"), ("w4a8", "mxfp8"))  # a layer's format, and the next one's
LOOPS = ((96, None), (192, MXFP8_OPERAND))  # n, and the format of the result
CHAINED = (5, 70, 40, 20)  # m, n, k of the first layer, n of the next


def run(seed: int, quick: bool = False) -> Evidence:
    """Layer 0's q_proj for 64 tokens, random shapes, bad programs, a reset in the middle, layer 0 in a decode step.

    The first part that fails ends it. A quick run has q_proj for one token and no decode step.
    """
    coverage = Coverage(BINS)
    shapes = random_jobs(seed, 6 if quick else SHAPES)
    third = len(shapes) // 3
    first, second, rest = shapes[:third], shapes[third : 2 * third], shapes[2 * third :]
    prefill, decode = layer_jobs()
    done: list[Evidence] = []
    for jobs, profiles, *sizes in (
        ([decode if quick else prefill], [NONE], ROWS, COLS),
        (first + bad_jobs(HALF_STEPS), [RANDOM], ROWS, COLS),
        (second, [BURSTS], ROWS, COLS),
        (rest, [NONE], ROWS, COLS),
        (shapes[:2], [RANDOM, RESET], ROWS, COLS),
        (random_jobs(seed, 5)[1:2], [RANDOM], 2, 4),  # whoever takes rows for columns is found out
        *of_formats(seed, quick),
    ):
        kind = dict(zip(("rows", "cols", "formats", "latency"), sizes, strict=False))
        done.append(check_jobs(jobs, seed=seed, coverage=coverage, profiles=profiles, **kind))
        if not done[-1].ok:
            break
    if done[-1].ok and not quick:
        done.append(decode_step(seed, coverage))
    whole = replace(merge("tile", *done), oracle=ORACLE, not_checked=NOT_CHECKED)
    return replace(whole, drawings=(matmul_drawing(seed),)) if whole.ok else whole


def of_formats(seed: int, quick: bool) -> list[tuple]:
    """All formats on each size of array and with each adder; loops, bad programs, and layers that feed one another."""
    cases: list[tuple] = []
    for rows, cols, latency, profile in ((4, 4, 4, RANDOM), (2, 2, 1, BURSTS), (8, 8, 4, NONE), (2, 8, 2, RANDOM)):
        jobs = format_jobs(seed, 4 if quick else 8, rows, cols)
        cases.append((jobs, [profile], rows, cols, ALL_FORMATS, latency))
    loops = LOOPS[: 1 if quick else None]
    cases.append(([loop_job(seed, *loop, ROWS, COLS) for loop in loops], [NONE], ROWS, COLS, ("mxfp8",), 1))
    cases.append((bad_format_jobs(HALF_STEPS), [RANDOM], ROWS, COLS, ALL_FORMATS, 4))
    for index, (first, then) in enumerate(CHAINS[: 1 if quick else None]):
        rule = SCALE_RULES[(seed + index) % len(SCALE_RULES)]
        chain = chained_job(seed, CHAINED, MMA_FORMATS[first], MMA_FORMATS[then], rule, ROWS, COLS)
        cases.append(([chain], [RANDOM], ROWS, COLS, tuple({first: 0, then: 0}), 4))
    return cases


def layer_jobs() -> list[Job]:
    """The agent's first linear layer: 64 x 128 x 128, and the decode step's 1 x 128 x 128."""
    layer = agent_layer()
    prefill = sized_job("q_proj of 64 tokens", layer.prefill, layer.q_proj)
    return [prefill, sized_job("q_proj of one token", layer.decode, layer.q_proj)]


def random_jobs(seed: int, count: int) -> list[Job]:
    """Shapes from 1 x 1 x 1 over ragged primes to a k longer than a half; the last one in several programs."""
    random, rng = Random(seed), np.random.default_rng(seed)
    sizes = [(1, 1, 1), (17, 19, 37), (3, 5, 1100), (32, 33, 32)]
    while len(sizes) < count - 1:
        sizes.append((random.randint(1, 24), random.randint(1, 24), random.choice([random.randint(1, 70), 131, 193])))
    sizes.append((20, 40, 70))
    jobs = []
    for index, (m, n, k) in enumerate(sizes):
        a, b = (rng.standard_normal((rows, k), np.float32) for rows in (m, n))
        a *= np.float32(2.0 ** random.randint(-60, 60))
        if index % 5 == 1:
            b[n // 2, 0] = np.inf
        program_depth = 12 if index == count - 1 else PROGRAM_DEPTH
        name = f"{m} x {n} x {k}"
        jobs.append(matmul_job(name, a, b, rows=ROWS, cols=COLS, half_steps=HALF_STEPS, program_depth=program_depth))
    return jobs

"""Cosimulation of the whole tile: a real layer, random shapes, and programs that must end badly.

What must be in memory afterwards comes from `mx_matmul`, the mathematics, and for the bad programs from the
golden tile.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.stalls import Stalls
from zhenwu.cosim.agent_layer import agent_layer
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cosim.tile import tile_bench
from zhenwu.cosim.tile.bad_programs import bad_jobs
from zhenwu.cosim.tile.drawing import matmul_drawing
from zhenwu.cosim.tile.host import Host, Job, Progress, matmul_job, no_progress
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, ROWS, bound, budget, sized_job
from zhenwu.spec.isa import BAD_INSTRUCTION, POISONED, STATUS_CODE

ORACLE = (
    "mx_matmul on the quantised matrices, golden tile for bad programs: every line written, and no other; cycle model "
    "tile in every cycle"
)
NOT_CHECKED = "programs that the assembler's check refuses (they hang); a memory with rows and refresh: slice has one"
BINS = {
    **tile_bench.BINS,
    "cp_k_in_parts": "k longer than a half: the sum goes on over several loads",
    "cp_several_programs": "more work than the program memory holds",
    "cp_one_by_one": "the smallest matmul",
    "cp_ragged_everywhere": "m, n and k all ragged",
    "cp_nan": "a block with an infinity in it is NaN, and so is what it meets",
    "cp_trap": "a bad instruction ends the program, those before it finish",
    "cp_poison": "marked data end the program, nothing computed from them is written",
}
SHAPES = 30
STATUS_MASK = (1 << STATUS_CODE.width) - 1


def run(seed: int, quick: bool = False) -> Evidence:
    """Layer 0's q_proj for 64 tokens and for one, random shapes, bad programs, a reset in the middle.

    The first part that fails ends it.
    """
    coverage = Coverage(BINS)
    shapes = random_jobs(seed, 6 if quick else SHAPES)
    third = len(shapes) // 3
    first, second, rest = shapes[:third], shapes[third : 2 * third], shapes[2 * third :]
    real = layer_jobs()[1:] if quick else layer_jobs()
    done: list[Evidence] = []
    for jobs, profiles, rows, cols in (
        (real, [NONE], ROWS, COLS),
        (first + bad_jobs(HALF_STEPS), [RANDOM], ROWS, COLS),
        (second, [BURSTS], ROWS, COLS),
        (rest, [NONE], ROWS, COLS),
        (shapes[:2], [RANDOM, RESET], ROWS, COLS),
        (random_jobs(seed, 5)[1:2], [RANDOM], 2, 4),  # whoever takes rows for columns is found out
    ):
        done.append(check_jobs(jobs, seed=seed, coverage=coverage, profiles=profiles, rows=rows, cols=cols))
        if not done[-1].ok:
            return merge("tile", *done)
    return replace(merge("tile", *done), drawings=(matmul_drawing(seed),))


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
        program_depth = 12 if index == count - 1 else tile_bench.PROGRAM_DEPTH
        name = f"{m} x {n} x {k}"
        jobs.append(matmul_job(name, a, b, rows=ROWS, cols=COLS, half_steps=HALF_STEPS, program_depth=program_depth))
    return jobs


def check_jobs(
    jobs: Sequence[Job], *, seed: int, coverage: Coverage, profiles: Sequence[Profile] = (NONE,), rows: int = ROWS,
    cols: int = COLS, progress: Progress = no_progress,
) -> Evidence:
    """Run the jobs one after another on one tile, under each profile.

    Without stalls, `achieved` and `bound` are the first job's multiply-adds a cycle, and a note says how long each
    job took beside its bound.
    """
    hosts: list[Host] = []
    make = tile_bench.tile_bench(jobs, coverage, rows, cols, hosts, progress)

    def bench(stalls: Callable[[str], Stalls]) -> Bench:
        count_bins(jobs, coverage)
        return make(stalls)

    evidence = check_streams(
        "tile", bench, seed=seed, coverage=coverage, budget_cycles=budget(jobs), oracle=ORACLE,
        not_checked=NOT_CHECKED, profiles=profiles, numbers={"data": eight_floats},
    )
    if NONE not in profiles or not evidence.ok:
        return evidence
    work, cycles = jobs[0].multiply_adds, hosts[0].cycles
    return replace(
        evidence,
        achieved=work / cycles[0],
        bound=work / bound(jobs[0]),
        notes=("achieved, bound: multiply-adds a cycle", *map(timing, jobs, cycles)),
    )


def eight_floats(line: int) -> str:
    """A line read as float32 numbers."""
    return " ".join(float32(line >> 32 * index & 0xFFFFFFFF) for index in range(8))


def timing(job: Job, cycles: int) -> str:
    """How long a job took, beside what it must take."""
    limit = "array" if job.mma_cycles >= job.lines_moved * tile_bench.CYCLES_PER_LINE else "memory"
    return (
        f"{job.name}: {cycles:,} cycles, bound {bound(job):,} ({limit}: {job.mma_cycles:,} mma cycles, "
        f"{job.lines_moved:,} lines), {bound(job) / cycles:.0%}"
    )


def count_bins(jobs: Sequence[Job], coverage: Coverage) -> None:
    """The situations that the jobs themselves hold."""
    for job in jobs:
        m, n, k = job.shape
        codes = [word & STATUS_MASK for word in job.statuses]
        coverage.hit("cp_k_in_parts", k > HALF_STEPS * 64)
        coverage.hit("cp_several_programs", len(job.programs) > 1)
        coverage.hit("cp_one_by_one", (m, n, k) == (1, 1, 1))
        coverage.hit("cp_ragged_everywhere", m % 16 > 0 and n % 16 > 0 and k % 32 > 0)
        coverage.hit("cp_nan", bool(np.isnan(job.product.view(np.float32)).any()))
        coverage.hit("cp_trap", BAD_INSTRUCTION in codes)
        coverage.hit("cp_poison", POISONED in codes)

"""Jobs run on one tile, one after another: every line that they write, and every cycle, held to the models."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.stalls import Stalls
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.profiles import NONE, Profile
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cosim.tile import tile_bench
from zhenwu.cosim.tile.host import Host, Job, Progress, no_progress
from zhenwu.cosim.tile.tile_bench import ADDER_LATENCY, COLS, HALF_STEPS, ROWS, bound, budget, tile_sizes
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    POISONED,
    RESIDUAL,
    STATUS_CODE,
    STORE_FORMATS,
    Load,
    Loop,
    Mma,
    Store,
    decode,
)
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_CODES
from zhenwu.spec.tile import SLICE_FORMATS

BINS = {
    **tile_bench.BINS,
    "cp_k_in_parts": "k longer than a half: the sum goes on over several loads",
    "cp_several_programs": "more work than the program memory holds",
    "cp_one_by_one": "the smallest matmul",
    "cp_ragged_everywhere": "m, n and k all ragged",
    "cp_nan": "a block with an infinity in it is NaN, and so is what it meets",
    **{f"cp_{name}": f"a product in {name}" for name in ALL_FORMATS},
    **{f"cp_to_{name}": f"a result stored in {name}" for name in STORE_FORMATS},
    **{f"cp_rule_{rule}": f"block scales chosen by {rule}" for rule in SCALE_RULES},
    "cp_residual": "a residual added to a result",
    "cp_residual_quantised": "and before the result is quantised",
    "cp_parts": "results side by side quantised as one matrix",
    "cp_chained": "a product that reads what the one before it stored",
    "cp_loop": "a program in loops",
    "cp_trap": "a bad instruction ends the program, those before it finish",
    "cp_poison": "marked data end the program, nothing computed from them is written",
}
STATUS_MASK = (1 << STATUS_CODE.width) - 1


def check_jobs(
    jobs: Sequence[Job], *, seed: int, coverage: Coverage, profiles: Sequence[Profile] = (NONE,), rows: int = ROWS,
    cols: int = COLS, formats: tuple[str, ...] = SLICE_FORMATS, latency: int = ADDER_LATENCY,
    progress: Progress = no_progress, hosts: list[Host] | None = None,
) -> Evidence:
    """Run the jobs one after another on one tile, under each profile; the host of each run is appended to `hosts`.

    Without stalls, `achieved` and `bound` are the first job's multiply-adds a cycle, and a note says how long each
    job took beside its bound.
    """
    hosts = [] if hosts is None else hosts
    make = tile_bench.tile_bench(jobs, coverage, tile_sizes(jobs, rows, cols, formats, latency), hosts, progress)

    def bench(stalls: Callable[[str], Stalls]) -> Bench:
        count_bins(jobs, coverage)
        return make(stalls)

    evidence = check_streams(
        "tile", bench, seed=seed, coverage=coverage, budget_cycles=budget(jobs), oracle=tile_bench.ORACLE,
        not_checked=tile_bench.NOT_CHECKED, profiles=profiles, numbers={"data": eight_floats},
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
        if set(codes) == {FINISHED}:
            count_instructions(job, coverage)


def count_instructions(job: Job, coverage: Coverage) -> None:
    """The situations that a job's instructions make, all of which are run."""
    for instruction in map(decode, chain(*job.programs)):
        match instruction:
            case Load(operand=operand, element_base=base):
                coverage.hit("cp_chained", operand != RESIDUAL and base in job.written)
            case Mma(fmt=fmt):
                coverage.hit(f"cp_{MMA_CODES[fmt].name}")
            case Store(fmt=fmt, rule=rule, part=part, add=add):
                coverage.hit(f"cp_to_{STORE_FORMATS[fmt]}")
                coverage.hit(f"cp_rule_{SCALE_RULES[rule]}", fmt > 0)
                coverage.hit("cp_residual", add)
                coverage.hit("cp_residual_quantised", add and fmt > 0)
                coverage.hit("cp_parts", fmt > 0 and part > 0)
            case Loop():
                coverage.hit("cp_loop")

"""Cosimulation of the slice: matrices from DRAM through controller and tile and back, every bit and command checked.

Results come from `mx_matmul`, pins of every cycle from the cycle models of tile and controller, and the cycles of a
whole run also from both models alone, which no hardware has told when anything happens.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from random import Random

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.numbers import command
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.drawing import drawings, listing
from zhenwu.cosim.slice.figures import balance_note, figures
from zhenwu.cosim.slice.jobs import chained_job, shaped_jobs, spread_job
from zhenwu.cosim.slice.slice_bench import SliceFollower, Work, slice_bench
from zhenwu.cosim.stream_bench import MakeBench, check_streams
from zhenwu.cosim.tile.bad_programs import trapping
from zhenwu.cosim.tile.check_jobs import eight_floats
from zhenwu.cosim.tile.host import Host, Progress, no_progress
from zhenwu.cosim.tile.tile import layer_jobs
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, ROWS
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.slice import SliceRun, Span
from zhenwu.cycle.slice import run as run_models
from zhenwu.cycle.tile.tile import Tile
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.tile import SLICE_FORMATS

ORACLE = (
    "mx_matmul, for chained and trapping programs the golden tile: every line written; cycle models tile and "
    "controller: pins in every cycle, and the cycles of the whole; timing checker"
)
NOT_CHECKED = (
    "what tile and controller alone leave unchecked; poisoned data and ids, which nothing here makes; a product "
    "stored over its own operands; two tiles on one controller; stalls in the slice itself (a relay between its parts "
    "has them)"
)
REFRESH_START = 700  # CK after reset: in the middle of an mma of q_proj
RESETS = 6
RESET_EDGES = 2  # of the clock, in a reset
SMALL = {"read_entries": 16, "write_entries": 16}
# a clock that runs round within a run, and a refresh every now and then
TINY = {"read_entries": 1, "write_entries": 1, "max_age": 60, "timing": replace(HBM3_6400, nREFI=3000)}
SHAPES = [(1, 1, 1), (17, 19, 37), (3, 5, 1100), (16, 40, 256)]
FEW = 3  # of them in a quick run
RANDOM_SHAPES = 6
STALLED = (RANDOM, BURSTS)


def run(seed: int, quick: bool = False) -> Evidence:
    """A real layer with a refresh in it, ragged shapes, a product of a product, stalls, resets, another array.

    The first part that fails ends it.
    """
    coverage = Coverage(BINS)
    done: list[Evidence] = []
    for work, profiles, relayed in parts(seed, quick):
        done.append(check_work(work, seed=seed, coverage=coverage, profiles=profiles, relayed=relayed))
        if not done[-1].ok:
            break
    whole, first = merge("slice", *done), done[0]
    notes = (*whole.notes, balance_note(ROWS, COLS))
    return replace(whole, drawings=first.drawings, listings=first.listings, notes=notes)


def parts(seed: int, quick: bool) -> list[tuple[Work, tuple[Profile, ...], bool]]:
    """What runs on which slice, under which profiles, and whether through a relay."""
    prefill, decode = layer_jobs()
    if quick:
        first = Work([decode], controller_sizes={"refresh_start": 300})
    else:
        first = Work([prefill], controller_sizes={"refresh_start": REFRESH_START})
    ragged = shaped_jobs(seed, SHAPES[:FEW] if quick else [*SHAPES, *random_shapes(seed)])
    several = shaped_jobs(seed + 1, [(20, 40, 70)], program_depth=12)
    small = shaped_jobs(seed + 2, [(18, 20, 100)])
    trap = trapping(small[0], "nothing", 5, [0], HALF_STEPS, SLICE_FORMATS)
    stalled = [chained_job(seed + 3), trap, *small, *several]
    other = shaped_jobs(seed, [(11, 21, 70)], rows=2, cols=4)
    return [
        (first, (NONE,), False),
        (Work([decode, *ragged], controller_sizes=SMALL | {"refresh_start": 1500}), (NONE,), False),
        (Work([chained_job(seed)]), (NONE,), False),
        (Work([spread_job(seed)], controller_sizes=SMALL), (NONE,), False),
        (Work(stalled, controller_sizes=TINY), STALLED[:1] if quick else STALLED, True),
        (Work(small, controller_sizes={"refresh_start": 250}), (NONE, RESET), False),
        (Work(other, 2, 4, SMALL), (NONE,), False),
    ]


def random_shapes(seed: int) -> list[tuple[int, int, int]]:
    """m, n and k of RANDOM_SHAPES matmuls; k is often not a whole number of steps."""
    random = Random(seed)
    return [
        (random.randint(1, 40), random.randint(1, 40), random.choice((random.randint(1, 70), 131, 193)))
        for _ in range(RANDOM_SHAPES)
    ]


def predicted(work: Work, progress: Callable[[int], None] = lambda now: None) -> SliceRun:
    """The work on both cycle models alone."""
    ample = sum(job.mma_cycles + 200 * job.lines_moved + 4 * sum(map(len, job.programs)) for job in work.jobs)
    models = Tile(**work.tile_sizes), Controller(**work.controller_sizes)
    return run_models(work.jobs, *models, budget=20_000 + 2 * ample, progress=progress)


def check_work(
    work: Work, *, seed: int, coverage: Coverage, profiles: Sequence[Profile] = (NONE,), relayed: bool = False,
    progress: Progress = no_progress, model: SliceRun | None = None, hosts: list[Host] | None = None,
) -> Evidence:
    """Run the jobs one after another on one slice, under each profile.

    `model` is what both models alone make of it, if that is known already; the host of each run is appended to `hosts`.
    Without stalls `achieved` and `bound` are the first job's multiply-adds a CK, and there are notes, drawings and the
    list of commands.
    """
    hosts = [] if hosts is None else hosts
    followers: list[SliceFollower] = []
    alone = model or predicted(work)
    last = alone.spans[-1].settled

    def on(now: int) -> None:
        progress(min(now, last), last)

    make = slice_bench(work, coverage, hosts, followers, relayed=relayed, progress=on)
    evidence = check_streams(
        "slice", make, seed=seed, coverage=coverage, budget_cycles=5_000 + (RESETS + 20 * relayed + 2) * last,
        oracle=ORACLE, not_checked=NOT_CHECKED, profiles=profiles, resets=lambda cycles: reset_cycles(alone, seed),
        numbers={"data": eight_floats} | {f"bus.{slot}.op": command for slot in ("rise", "fall", "column")},
    )
    ended = followers[:-1] if evidence.mismatches else followers  # the last one, run again to show it, saw no end
    faults = [text for follower in ended for text in follower.controller.faults[:3]] + alone.faults[:3]
    if evidence.ok and profiles[0] is NONE and not relayed:
        faults += differences(work, alone, hosts[0], followers[0])
    evidence = replace(evidence, violations=(*evidence.violations, *faults))
    if not evidence.ok or profiles[0] is not NONE:
        return evidence
    return illustrated(evidence, work, alone, make, seed, followers[0])


def reset_cycles(alone: SliceRun, seed: int) -> list[int]:
    """Cycles of the bench for RESETS resets, after each of which the work begins anew.

    One falls while the array multiplies, one while results leave, if either happens; the others anywhere.
    """
    random = Random(seed)
    everywhere = range(alone.spans[-1].settled)
    where = [[ck for ck in everywhere if alone.activity[ck] == kind] for kind in ("busy", "draining")]
    places = [random.choice(each) for each in where if each]
    places += [random.choice(everywhere) for _ in range(RESETS - len(places))]
    random.shuffle(places)
    found, begin = [], RESET_EDGES
    for ck in places:
        found.append(begin + ck)
        begin = found[-1] + RESET_EDGES
    return found


def hardware_spans(host: Host, follower: SliceFollower) -> list[Span]:
    """The CK of each job on the hardware."""
    offset = follower.controller.reset_cycles
    return [Span(*(at - offset for at in span)) for span in host.spans]


def differences(work: Work, alone: SliceRun, host: Host, follower: SliceFollower) -> list[str]:
    """Where the hardware and both models alone part: in commands, in when jobs begin and end, in the array's work."""
    found = []
    foretold, seen = alone.referee.commands, follower.controller.referee.commands
    seen = [each for each in seen if each.cycle < alone.spans[-1].settled]  # the bench goes on for some CK
    apart = next((pair for pair in zip_longest(foretold, seen) if pair[0] != pair[1]), None)
    if apart:
        found.append(f"commands differ: the cycle models alone give {apart[0]}, the hardware {apart[1]}")
    for job, expected, span in zip(work.jobs, alone.spans, hardware_spans(host, follower), strict=True):
        if span != expected:
            found.append(f"{job.name}: the hardware took {span}, the cycle models alone {expected}")
        busy = follower.activity[span.began : span.done].count("busy")
        if job.runs_to_its_end and busy != job.mma_cycles:
            found.append(f"{job.name}: the array multiplied in {busy} CK, expected {job.mma_cycles}")
    return found


def illustrated(
    evidence: Evidence, work: Work, alone: SliceRun, make: MakeBench, seed: int, follower: SliceFollower
) -> Evidence:
    """The evidence of a run without stalls, with its figures in words and pictures."""
    commands = follower.controller.referee.commands
    found = figures(work.jobs, alone.spans, commands, work.timing)
    if not found:
        return evidence
    ledger, checker = follower.controller.referee.ledger, follower.controller.referee.checker
    notes = (
        "achieved, bound: multiply-adds a CK of the first job, from its start to its last line in the device",
        *map(str, found),
    )
    more = f" and {len(work.jobs) - 1} more" if len(work.jobs) > 1 else ""
    checked = (
        f"{work.jobs[0].name}{more}: cycles as both models alone predicted; {checker.evaluations:,} evaluations of "
        f"timing rules, no violation; longest wait of a request {ledger.longest:,} CK"
    )
    return replace(
        evidence,
        achieved=found[0].multiply_adds / found[0].took,
        bound=found[0].multiply_adds / found[0].least,
        notes=(*notes, checked),
        drawings=drawings(found[0], follower, make, seed, work.timing),
        listings=(listing(commands),),
    )

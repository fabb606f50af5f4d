"""Cosimulation of the controller: its pins equal the cycle model's in every cycle, its commands break no rule, its
lines are those of a plain dictionary.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat

from hdl.bench.coverage import Coverage
from hdl.bench.stalls import Stalls, bursts, never
from zhenwu.cosim.evidence import Drawing, Evidence, merge
from zhenwu.cosim.hbm.controller_bench import Follower, Traffic, controller_bench
from zhenwu.cosim.hbm.controller_bins import BINS
from zhenwu.cosim.hbm.drawing import refresh_drawing, timeline_drawing
from zhenwu.cosim.numbers import command
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile
from zhenwu.cosim.stream_bench import check_streams
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.golden.hbm.bound import Counted, counted_bound
from zhenwu.spec.hbm3 import HBM3_6400, HBM3_9600

ORACLE = "cycle model controller, all pins in every cycle; a plain dictionary; the timing checker"
NOT_CHECKED = (
    "two pseudo-channels, stack ids, per-bank refresh and ECC, which this controller does not have; electrical timing; "
    "a JEDEC standard: the rules are those of a public simulator"
)
SMALL = {"read_entries": 16, "write_entries": 16}
LONG = 150  # CK: the first stall, and the mean of those after it and of the free runs between


def late(name: str) -> Stalls:
    """Write data hold back for long, the rest never."""
    return chain(repeat(True, LONG), bursts(name, LONG)) if name.endswith("wdata") else never()


def held(name: str) -> Stalls:
    """The lines that were read are not taken for long, the rest never waits."""
    return chain(repeat(True, LONG), bursts(name, LONG)) if name.endswith("rdata") else never()


LATE, HELD = Profile("late write data", late), Profile("lines held up", held)


def run(seed: int, quick: bool = False) -> Evidence:
    """A stream for the rate and the pictures, then one traffic after another, each under the stalls that it needs."""
    coverage = Coverage(BINS)
    first = check_traffic(headline(seed, 250 if quick else 1500), seed, coverage, (NONE,))
    parts = [first]
    for traffic, profiles in cases(seed, quick):
        if not parts[-1].ok:
            break
        parts.append(check_traffic(traffic, seed, coverage, profiles))
    whole = merge("controller", *parts)
    return replace(whole, notes=summary(whole.notes, len(whole.violations)))


def headline(seed: int, count: int) -> Traffic:
    """A stream at the depth that hides a row change, with a refresh in it."""
    return Traffic("stream, 32 + 32 entries", accesses("stream", count, seed), {"refresh_start": 220})


def cases(seed: int, quick: bool) -> list[tuple[Traffic, tuple[Profile, ...]]]:
    """The traffics and their stalls."""

    def traffic(name: str, count: int, **sizes) -> Traffic:
        return Traffic(name, accesses(name, count // 4 if quick else count, seed), SMALL | sizes)

    return [
        (traffic("few_rows", 240, refresh_start=400), (NONE, RANDOM, BURSTS, RESET)),
        (traffic("triad", 300, refresh_start=150), (NONE, RANDOM)),
        (traffic("hot_lines", 400, return_entries=20, refresh_start=300), (RANDOM, BURSTS)),
        (traffic("read_back", 240, return_entries=60, write_entries=6), (LATE, HELD, BURSTS)),
        (traffic("update", 120, refresh_start=77), (RANDOM,)),
        (traffic("turns", 240, refresh_start=200), (NONE, BURSTS)),
        (traffic("one_group", 160, refresh_enable=False), (NONE,)),
        (traffic("row_flood", 240, max_age=80, refresh_start=111), (RANDOM,)),
        (traffic("everywhere", 120, address_map="RoBaBgCo", max_age=200), (RANDOM,)),
        (traffic("bursts", 200, timing=HBM3_9600, refresh_start=500), (NONE,)),
        (traffic("few_rows", 80, timing=HBM3_9600, refresh_start=300), (BURSTS,)),
        (traffic("few_rows", 60, read_entries=1, write_entries=1, return_entries=1), (RANDOM,)),
        (traffic("hot_lines", 60, read_entries=3, write_entries=2, return_entries=5, refresh_start=1), (BURSTS,)),
    ]


def check_traffic(traffic: Traffic, seed: int, coverage: Coverage, profiles: Sequence[Profile]) -> Evidence:
    """One traffic under each profile; without stalls also its share of DQ beside the bound, and for a stream the
    pictures.
    """
    followers: list[Follower] = []
    make = controller_bench(traffic, coverage, followers)
    budget = 5_000 + 150 * len(traffic.accesses)
    evidence = check_streams(
        "controller", make, seed=seed, coverage=coverage, budget_cycles=budget, oracle=ORACLE, not_checked=NOT_CHECKED,
        profiles=profiles, numbers={f"bus.{slot}.op": command for slot in ("rise", "fall", "column")},
    )
    ended = followers if evidence.ok else followers[:-1]  # the last one, run again to show a mismatch, saw no end
    faults = tuple(text for follower in ended for text in follower.controller.faults[:3])
    evaluations = sum(follower.referee.checker.evaluations for follower in followers)
    longest = max(follower.referee.ledger.longest for follower in followers)
    notes = (f"rules {evaluations}", f"wait {longest} {followers[0].referee.limit}")
    evidence = replace(evidence, violations=(*evidence.violations, *faults), notes=notes)
    if not evidence.ok or profiles[0] is not NONE:
        return evidence
    follower = followers[0]
    counted = share(follower, traffic)
    evidence = replace(
        evidence, achieved=counted.achieved, bound=counted.bound, notes=(*notes, described(traffic.name, counted))
    )
    drawings: tuple[Drawing, ...] = ()
    if traffic.name.startswith("stream"):
        drawings = (timeline_drawing(follower), refresh_drawing(make, seed, follower))
    return replace(evidence, drawings=drawings)


def share(follower: Follower, traffic: Traffic) -> Counted:
    """DQ's share of the run's time."""
    starts = [(each.cycle, each.op) for each in follower.referee.commands]
    return counted_bound(starts, traffic.sizes.get("timing", HBM3_6400))


def described(name: str, counted: Counted) -> str:
    """A line of the notes."""
    return (
        f"{name}: {counted.lines:,} lines on DQ in {counted.took:,} CK, {counted.achieved:.3f} of peak, "
        f"bound {counted.bound:.3f}"
    )


def summary(notes: Sequence[str], faults: int) -> tuple[str, ...]:
    """The counts of all parts in two lines, then the shares of DQ."""
    rules = sum(int(note.split()[1]) for note in notes if note.startswith("rules "))
    waits = [tuple(map(int, note.split()[1:])) for note in notes if note.startswith("wait ")]
    longest, limit = max(waits, key=lambda wait: wait[0])
    return (
        "achieved, bound: share of DQ's peak, stream; the bound counts turns and refreshes, not rows and groups",
        f"timing rules: {rules:,} evaluations, {faults or 'no'} violations",
        f"longest wait of a request: {longest:,} CK, its limit {limit:,} CK",
        *(note for note in notes if not note.startswith(("rules ", "wait "))),
    )

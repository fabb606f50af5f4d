"""Each rule is met to the CK by the controller, and a CK less or more is noticed.

Two mutations a rule: the checker asks for a CK more, the controller waits a CK less. Rules that this controller
cannot meet exactly stand in NEVER_TIGHT with the sum that keeps it away; `test_timing_checker.py` proves those on
lists written by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.hbm.test_timing_checker import shifted
from zhenwu.cycle.hbm.controller import ISSUED, LANES, Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.patterns import accesses, line
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.scheduler import Scheduler
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.cycle.hbm.traffic import Access, run
from zhenwu.spec.hbm3 import COMMANDS, HBM3_6400, NOP
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import refresh_wait

CODES = {COMMANDS[op] for op in ISSUED}
CAN_ISSUE = [
    rule for rule in TIMING_RULES if not rule.sibling and rule.following in CODES and set(rule.precedents) & CODES
]
# (preceding, following): this controller closes all banks only to refresh them, closes none that is not open, and
# refreshes only when due, as soon as it can; so the gap is never less than this, in CK
NEVER_TIGHT = {
    ("PREab", "ACT"): HBM3_6400.total("nRP", "nRFCab"),
    ("PREab", "PREpb"): HBM3_6400.total("nRP", "nRFCab", "nRAS"),
    ("PREab", "PREab"): HBM3_6400.total("nRP", "nRFCab", "nRAS"),
    ("REFab", "PREab"): HBM3_6400.total("nRFCab", "nRAS"),
    ("REFab", "REFab"): HBM3_6400.total("nREFI") - refresh_wait(HBM3_6400),
}
TIGHT = [rule for rule in CAN_ISSUE if (rule.preceding, rule.following) not in NEVER_TIGHT]
SIZES = {"read_entries": 16, "write_entries": 16}


@dataclass(frozen=True)
class Scene:
    """Traffic that meets some rules."""

    name: str
    accesses: list[Access]
    refresh_start: int

    def run(self, rules=TIMING_RULES, scheduler: type[Scheduler] | None = None) -> Referee:
        """A controller that keeps `rules` under a referee who keeps all."""
        controller = Controller(rules=rules, refresh_start=self.refresh_start, **SIZES)
        if scheduler is not None:
            controller.scheduler = scheduler()
        referee = Referee(controller, Content())
        try:
            run(self.accesses, controller, referee=referee, budget=20_000)
        except (RuntimeError, StopIteration):  # bursts that overlap may never come back, nor their slots: seen enough
            assert rules is not TIMING_RULES
        return referee


def scenes() -> Iterator[Scene]:
    """Mixed traffic for most; then rare meetings with a refresh, by sweeping the CK in which it falls due."""
    for name in ("few_rows", "one_group", "turns", "row_flood"):
        yield Scene(name, accesses(name, 300, 1), 700)
    for start in range(60, 160, 3):  # PREpb, then REFab with nothing open: after a read nRC would bind instead
        yield Scene("writes to one bank", [Access(True, line(1, 3, row, 0), row) for row in range(6)], start)
    for start in range(100, 160):
        conflicts = [Access(False, line(0, 0, row, 0)) for row in range(6)]
        yield Scene("an idle open row", [Access(False, line(1, 1, 5, 0)), *conflicts], start)  # PREpb, then PREab


@pytest.fixture(scope="module")
def met() -> dict[TimingRule, tuple[Scene, Referee]]:
    """For each rule the first scene in which a command met it exactly."""
    found: dict[TimingRule, tuple[Scene, Referee]] = {}
    for scene in scenes():
        if set(TIGHT) <= set(found):
            break
        referee = scene.run()
        assert referee.checker.violations == []
        for rule in referee.checker.tight:
            found.setdefault(rule, (scene, referee))
    return found


@pytest.mark.parametrize("rule", TIGHT, ids=str)
def test_a_checker_that_asks_for_a_ck_more_is_broken(met, rule):
    assert rule in met, "no scene meets this rule exactly"
    _, referee = met[rule]
    stricter = shifted(rule, 1)
    checker = TimingChecker(rules=[stricter])
    for command in referee.commands:
        checker.check(command)
    assert stricter in {violation.rule for violation in checker.violations}


def alike(rule: TimingRule) -> list[TimingRule]:
    """The rules that the controller gates as one with `rule`: the same commands, lanes and gap, or both precharges."""

    def gate(other: TimingRule) -> tuple:
        if other.gap == ("nPPD",):
            return other.gap
        return other.precedents[0], other.following, LANES[other.scope], other.window, other.cycles(HBM3_6400)

    return [other for other in CAN_ISSUE if gate(other) == gate(rule)]


class Hasty(Scheduler):
    """A scheduler that does not pause a CK after a column command: the wrong line that nCCDS and nBL need besides."""

    def decide(self, present, reads, writes, *world):
        queues = without(reads, present.leave_read), without(writes, present.leave_write)
        return super().decide(replace(present, column=NOP), *queues, *world)


def without(queue: RequestQueue, leave: int | None) -> RequestQueue:
    """The queue after the request at `leave` has left it."""
    after = RequestQueue()
    after.requests, after.stamps = list(queue.requests), list(queue.stamps)
    if leave is not None:
        del after.requests[leave], after.stamps[leave]
    return after


@pytest.mark.parametrize("rule", TIGHT, ids=str)
def test_a_controller_that_waits_a_ck_less_is_caught(met, rule):
    scene, _ = met[rule]
    gated_as_one = alike(rule)
    rules = [shifted(other, -1) if other in gated_as_one else other for other in TIMING_RULES]
    scheduler = Hasty if rule.gap in (("nBL",), ("nCCDS",)) else None
    violations = scene.run(rules, scheduler).checker.violations
    assert rule in {violation.rule for violation in violations}


@pytest.mark.parametrize("pair", NEVER_TIGHT, ids=" -> ".join)
def test_a_rule_that_is_never_tight_is_implied_by_a_sum(pair):
    rows = [rule for rule in CAN_ISSUE if (rule.preceding, rule.following) == pair]
    assert rows and all(rule.cycles(HBM3_6400) < NEVER_TIGHT[pair] for rule in rows)


def test_and_the_controller_keeps_that_sum():
    gaps: dict[tuple[str, str], int] = {}
    for name in ("few_rows", "everywhere", "one_bank"):
        controller = Controller(refresh_start=300, **SIZES)
        referee = run(accesses(name, 2500 if name != "one_bank" else 250, 3), controller).referee
        last: dict[str, int] = {}
        for command in referee.commands:
            for op, cycle in last.items():
                if (op, command.op) in NEVER_TIGHT:
                    gaps[op, command.op] = min(gaps.get((op, command.op), 1 << 30), command.cycle - cycle)
            last[command.op] = command.cycle
    assert gaps.keys() == NEVER_TIGHT.keys()
    assert all(gap >= NEVER_TIGHT[pair] for pair, gap in gaps.items()), gaps


def test_every_rule_of_the_controller_is_in_one_of_the_two_lists():
    assert len(TIGHT) == 29 and len(CAN_ISSUE) == 34

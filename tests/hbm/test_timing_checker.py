"""The timing checker: every row of the table is read, from both sides, and so is every state rule."""

from dataclasses import dataclass, replace

import pytest

from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.spec.hbm3 import HBM3_6400, DramAddress, DramCommand
from zhenwu.spec.hbm3_rules import SCOPES, TIMING_RULES, TimingRule


@dataclass(frozen=True)
class Shifted(TimingRule):
    """A rule that asks for `more` CK than its row says: a wrong line in the checker."""

    more: int = 0

    def cycles(self, timing) -> int:
        return super().cycles(timing) + self.more


def shifted(rule: TimingRule, more: int) -> Shifted:
    return Shifted(**vars(rule), more=more)


def commands_of(rule: TimingRule, gap: int) -> list[DramCommand]:
    """As many preceding commands as the rule's window holds, close together, then the following one after `gap`."""
    first = DramAddress(bank_group=1, bank=2, row=7)
    near = {  # another place in the same scope, but in no smaller one, so that no other rule speaks
        "bank": first, "bank_group": replace(first, bank=3), "stack_id": replace(first, bank_group=2),
        "pseudo_channel": replace(first, stack_id=1),
    }
    second = replace(first, stack_id=1) if rule.sibling else near[rule.scope]
    before = [DramCommand(1000 + index, rule.precedents[0], first) for index in range(rule.window)]
    return [*before, DramCommand(1000 + gap, rule.following, second)]


def violated(commands, rules=TIMING_RULES) -> set:
    checker = TimingChecker(rules=rules)
    for command in commands:
        checker.check(command)
    return {violation.rule for violation in checker.violations}


@pytest.mark.parametrize("rule", TIMING_RULES, ids=str)
def test_each_rule_is_broken_a_ck_early_and_kept_in_time(rule):
    gap = rule.cycles(HBM3_6400)
    assert rule in violated(commands_of(rule, gap - 1))
    assert rule not in violated(commands_of(rule, gap))


@pytest.mark.parametrize("rule", TIMING_RULES, ids=str)
def test_a_checker_that_asks_for_a_ck_more_or_less_is_found_out(rule):
    gap = rule.cycles(HBM3_6400)
    others = [other for other in TIMING_RULES if other != rule]
    stricter, laxer = shifted(rule, 1), shifted(rule, -1)
    assert stricter in violated(commands_of(rule, gap), [*others, stricter])
    assert laxer not in violated(commands_of(rule, gap - 1), [*others, laxer])


@pytest.mark.parametrize("rule", [rule for rule in TIMING_RULES if not rule.sibling], ids=str)
def test_a_rule_does_not_speak_outside_its_scope(rule):
    apart = {
        "bank": {"bank": 1}, "bank_group": {"bank_group": 2}, "stack_id": {"stack_id": 1},
        "pseudo_channel": {"pseudo_channel": 1},
    }[rule.scope]
    *before, last = commands_of(rule, rule.cycles(HBM3_6400) - 1)
    moved = replace(last, address=replace(before[0].address, **apart))
    assert rule not in violated([*before, moved])


def test_a_checker_without_tppd_as_in_another_simulator_is_found_out():
    lacking = [rule for rule in TIMING_RULES if "nPPD" not in rule.gap]
    assert len(lacking) == len(TIMING_RULES) - 4
    pair = [DramCommand(10, "PREpb", DramAddress(bank=1)), DramCommand(11, "PREpb", DramAddress(bank=2))]
    assert not violated(pair, lacking)
    assert {rule.gap for rule in violated(pair)} == {("nPPD",)}


def act(cycle, bank=0, row=5):
    return DramCommand(cycle, "ACT", DramAddress(bank=bank, row=row))


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        ([DramCommand(9, "RD", DramAddress())], "CK 9: RD: no row is open in its bank"),
        ([act(0), DramCommand(50, "WR", DramAddress(row=4))], "row 5 is open, expected 4"),
        ([act(0), act(90, row=6)], "ACT: its bank is open"),
        ([act(0), DramCommand(100, "REFab")], "REFab: a bank is open"),
        ([act(0), DramCommand(100, "REFpb", DramAddress())], "REFpb: its bank is open"),
        ([act(0), DramCommand(60, "PREpb", DramAddress()), DramCommand(99, "RD", DramAddress(row=5))], "no row is"),
        ([act(0), DramCommand(60, "PREab"), DramCommand(99, "RD", DramAddress(row=5))], "no row is open"),
        ([act(0), DramCommand(60, "RDA", DramAddress(row=5)), DramCommand(80, "RD", DramAddress(row=5))], "no row is"),
        ([act(10), DramCommand(10, "PREpb", DramAddress(bank=1))], "the fall slot of CK 10 belongs to ACT"),
        ([act(10), DramCommand(11, "REFpb", DramAddress(bank=1))], "the rise slot of CK 11 belongs to ACT"),
        ([DramCommand(3, "PREpb", DramAddress()), DramCommand(3, "PREab")], "the fall slot of CK 3 belongs to PREpb"),
        ([DramCommand(3, "RD", DramAddress()), DramCommand(3, "WR", DramAddress())], "the column slot of CK 3 belongs"),
    ],
)
def test_each_state_rule_is_kept(commands, message):
    checker = TimingChecker()
    for command in commands:
        checker.check(command)
    assert any(message in str(violation) for violation in checker.violations), checker.violations


def test_what_the_slots_allow_is_allowed():
    """PRE at n then ACT at n + 1, ACT at n then PRE at n + 1, a column command beside a row command."""
    checker = TimingChecker()
    bank = [DramAddress(bank_group=index, row=5) for index in range(4)]
    for command in (
        DramCommand(0, "ACT", bank[0]), DramCommand(60, "PREpb", bank[3]), DramCommand(61, "ACT", bank[1]),
        DramCommand(62, "PREpb", bank[3]), DramCommand(65, "ACT", bank[2]), DramCommand(65, "RD", bank[0]),
    ):
        checker.check(command)
    assert checker.violations == []


def test_a_refresh_has_a_deadline_and_one_that_never_comes_is_missed():
    on_time, late, never = (TimingChecker(refresh=(100, 6240), slack=512) for _ in range(3))
    for cycle in (612, 6340 + 512):
        on_time.check(DramCommand(cycle, "REFab"))
    on_time.end(100 + 2 * 6240 + 512)
    assert on_time.violations == []
    late.check(DramCommand(613, "REFab"))
    assert "the refresh due in CK 100 is 513 CK late, expected at most 512" in str(late.violations[0])
    never.end(612)
    assert never.violations == []
    never.end(613)
    assert len(never.violations) == 1


def test_a_refresh_that_comes_early_does_not_replace_the_one_that_is_due():
    checker = TimingChecker(refresh=(1000, 6240), slack=512)
    for cycle in (80, 520, 960):
        checker.check(DramCommand(cycle, "REFab"))
    checker.end(1513)
    assert "the refresh due in CK 1000 is 513 CK late" in str(checker.violations[-1]) and len(checker.violations) == 1


def test_a_reset_clears_stamps_and_closes_banks_but_forgives_nothing():
    checker = TimingChecker()
    checker.check(act(0))
    checker.check(act(1))
    found = list(checker.violations)
    checker.reset()
    checker.check(act(2))
    assert found and checker.violations == found


def test_evaluations_count_rules_that_had_something_to_compare():
    checker = TimingChecker()
    checker.check(act(0))
    assert checker.evaluations == 0
    checker.check(act(30, bank=1))
    assert checker.evaluations == 2  # nRRDS and nRRDL; the windows are not full, the bank is another


def test_scopes_are_nested_from_large_to_small():
    assert SCOPES == ("pseudo_channel", "stack_id", "bank_group", "bank")

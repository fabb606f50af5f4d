"""Evidence: what counts as agreement, and how parts make a whole."""

from dataclasses import replace

import numpy as np
import pytest

from zhenwu.cosim.evidence import Evidence, held_to, merge, until_one_fails

GOOD = Evidence(
    block="adder", oracle="numpy", cases=10, cycles=200, mismatches=0, bins={"cp_a": 3, "cp_b": 0},
    planned={"cp_a": "first", "cp_b": "second"}, seconds=2.0, seed=1, not_checked="the rest",
)


def test_agreement_needs_cases_and_neither_mismatch_nor_violation():
    assert GOOD.ok
    assert not replace(GOOD, cases=0).ok
    assert not replace(GOOD, mismatches=1).ok
    assert not replace(GOOD, violations=("stream x breaks rule 3",)).ok


def test_speed_and_empty_bins():
    assert GOOD.cycles_per_s == 100
    assert GOOD.unhit == {"cp_b": "second"}


def test_parts_add_up():
    other = replace(GOOD, cases=5, mismatches=2, bins={"cp_a": 0, "cp_b": 4}, violations=("v",))
    other = replace(other, achieved=0.5, bound=1.0)
    whole = merge("adder", GOOD, other)
    assert (whole.cases, whole.cycles, whole.mismatches, whole.seconds) == (15, 400, 2, 4.0)
    assert whole.bins == {"cp_a": 3, "cp_b": 4} and whole.unhit == {}
    assert (whole.achieved, whole.bound, whole.violations) == (0.5, 1.0, ("v",))
    with pytest.raises(ValueError, match="at least one"):
        merge("adder")


def test_no_part_is_made_behind_the_first_that_fails():
    made = []

    def part(mismatches: int) -> Evidence:
        made.append(mismatches)
        return replace(GOOD, mismatches=mismatches)

    assert [found.ok for found in until_one_fails(part(count) for count in (0, 2, 0, 3))] == [True, False]
    assert made == [0, 2]
    assert len(list(until_one_fails([GOOD, GOOD]))) == 2


def test_a_golden_model_that_differs_from_its_reference_fails():
    values = np.arange(1000)
    assert held_to(GOOD, "numpy", values, values).notes == ("golden model = numpy on 1,000 values",)
    wrong = values.copy()
    wrong[7] += 1
    evidence = held_to(GOOD, "numpy", wrong, values)
    assert not evidence.ok
    assert evidence.violations == ("the golden model differs from numpy in 1 of 1,000 values",)

"""The limits in closed form: the page's values, and laws between them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.golden.hbm.bound import (
    counted_bound,
    lost_between,
    one_bank_interval,
    opening_bound,
    stream_bound,
    unloaded_read,
)
from zhenwu.spec.hbm3 import HBM3_6400


@pytest.mark.parametrize(
    ("first", "second", "refreshes", "lost"),
    [
        ("RD", "RD", 0, 0), ("WR", "WR", 0, 0), ("RD", "WR", 0, 18), ("WR", "RD", 0, 17),
        ("RD", "RD", 1, 480), ("RD", "WR", 1, 464), ("WR", "RD", 1, 516), ("WR", "WR", 1, 500),
        ("RD", "RD", 2, 480 + 416), ("WR", "WR", 3, 500 + 2 * 416),
    ],
)
def test_the_lost_ck_between_two_bursts_are_those_of_the_page(first, second, refreshes, lost):
    assert lost_between(first, second, refreshes) == lost


def test_the_limits_of_the_page():
    assert stream_bound() == pytest.approx(1 - 480 / 6240) == pytest.approx(0.9231, abs=5e-5)
    assert (one_bank_interval(False), one_bank_interval(True)) == (72, 86)
    assert [unloaded_read(state) for state in ("hit", "closed", "conflict")] == [22, 53, 79]
    with pytest.raises(ValueError, match="state 'cold': expected one of hit, closed, conflict"):
        unloaded_read("cold")


def test_rounds_of_reads_and_writes_reach_what_the_page_says():
    def share(reads: int, writes: int) -> float:
        ops = (["RD"] * reads + ["WR"] * writes) * 400
        return counted_bound(enumerate(ops)).bound

    assert share(40, 20) == pytest.approx(0.774, abs=5e-4)
    assert share(64, 32) == pytest.approx(0.846, abs=5e-4)


def test_a_run_is_counted_from_its_first_column_command_to_its_last_bursts_end():
    counted = counted_bound([(0, "ACT"), (31, "RD"), (33, "RD"), (60, "PREab"), (90, "REFab"), (600, "WR")])
    assert (counted.lines, counted.took, counted.lost) == (3, 600 + 2 - 31, 464)
    assert counted.achieved == pytest.approx(6 / 571) and counted.bound == pytest.approx(6 / 470)


def test_an_empty_run_has_no_share_and_no_limit():
    counted = counted_bound([(0, "ACT"), (30, "PREpb")])
    assert (counted.lines, counted.achieved, counted.bound) == (0, 0.0, 1.0)


def test_short_rows_are_held_back_by_how_fast_rows_open():
    """Four ACTs in 24 CK are one every 6; a line is 2 CK on DQ."""
    assert [opening_bound(lines) for lines in (1, 2, 3, 16)] == [2 / 6, 4 / 6, 1, 1]
    assert opening_bound(1, replace(HBM3_6400, nFAW=8)) == 2 / 4  # then nRRDS is the longer one


@given(st.lists(st.sampled_from(["RD", "WR", "REFab"]), min_size=1, max_size=60))
def test_more_refreshes_and_more_turns_never_raise_the_bound(ops):
    plain = counted_bound(enumerate(op for op in ops if op != "REFab"))
    whole = counted_bound(enumerate(ops))
    assert whole.bound <= plain.bound <= 1


def test_another_table_has_other_limits():
    slower = replace(HBM3_6400, nRFCab=880)
    assert stream_bound(slower) == pytest.approx(1 - (480 - 416 + 880) / 6240)
    assert one_bank_interval(False, replace(HBM3_6400, nRC=90)) == 90

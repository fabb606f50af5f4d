"""Reads of a KV cache: runs as asked for, nothing twice, and a share of DQ that no bound is below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.cycle.hbm.kv_read import beginnings, kv_read, lines_per_row
from zhenwu.cycle.hbm.traffic import run
from zhenwu.golden.hbm.address_map import LINES
from zhenwu.golden.hbm.bound import Counted, counted_bound, opening_bound


@given(st.integers(1, 300), st.integers(0, 8).map(lambda power: 1 << power), st.integers(0, 9))
def test_the_lines_come_in_runs_of_neighbours_and_none_comes_twice(lines, length, seed):
    places = [access.line_address for access in kv_read(lines, length, seed)]
    assert len(places) == len(set(places)) == lines and all(0 <= place < LINES for place in places)
    for index, place in enumerate(places):
        if index % length:
            assert place == places[index - 1] + 1
        else:
            assert place % length == 0
    assert kv_read(lines, length, seed) == kv_read(lines, length, seed)


@pytest.mark.parametrize("seed", range(3))
def test_no_two_runs_begin_at_the_same_line_even_if_they_fill_the_memory(seed):
    begins = beginnings(8, LINES // 8, seed)
    assert sorted(begins) == list(range(0, LINES, LINES // 8)) != begins


def test_lines_in_a_row_by_the_map_of_the_controller():
    """Neighbours lie in four bank groups, 32 columns each: up to 128 lines of a run share four rows."""
    assert [lines_per_row(length) for length in (1, 2, 4, 8, 64, 128, 256, 2048)] == [1, 1, 1, 2, 16, 32, 32, 32]


def measured(length: int, lines: int = 2048) -> Counted:
    found = run(kv_read(lines, length, 1))
    assert found.faults == []
    return counted_bound((command.cycle, command.op) for command in found.referee.commands)


def test_longer_runs_reach_more_of_the_peak_and_none_passes_its_bounds():
    lengths = (1, 4, 8, 16, 64, 256)
    shares = [measured(length).achieved for length in lengths]
    assert shares == sorted(shares) and shares[0] < 0.3 and shares[-1] > 0.9
    assert all(share <= opening_bound(lines_per_row(length)) for share, length in zip(shares, lengths, strict=True))


@pytest.mark.parametrize("length", [0, 3, 2 * LINES])
def test_a_run_that_does_not_divide_the_memory_is_refused(length):
    with pytest.raises(ValueError, match=f"run = {length}: expected a power of two of lines, at most 8,388,608"):
        kv_read(10, length, 1)


def test_no_lines_are_refused():
    with pytest.raises(ValueError, match=r"lines = 0: expected 1 \.\. 8,388,608"):
        kv_read(0, 1, 1)

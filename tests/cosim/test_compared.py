"""Which unknown bits count as a difference, and which of them nobody looks at."""

import pytest

from hdl.bench.trace import Column, Trace
from hdl.designs import Design
from zhenwu.cosim.compared import compared

QUEUE = Design("request_queue", "hdl.hbm.request_queue")
CYCLES = 4
RESET = Column("rst", 1, [1, 0, 0, 0])
KNOWN = [0] * CYCLES


def differ(design: Design, guard: str, on: list[int], name: str, unknown: list[int], values=(5, 5, 5, 5)):
    """The first difference, if the pin `name` should be 5 all the time, and `guard` is `on`."""
    expected = Trace([RESET, Column(guard, 2, on), Column(name, 4, [5] * CYCLES)])
    actual = Trace([Column(guard, 2, on, KNOWN), Column(name, 4, [*values], unknown)])
    return compared(design, expected, actual).first


@pytest.mark.parametrize(
    ("design", "guard", "name"),
    [
        (QUEUE, "ready", "oldest_stamp"),
        (Design("mover", "hdl.tile.mover"), "dst_valid", "dst_line"),
        (Design("tile", "hdl.tile.tile"), "c_out_valid", "c_out_row_last"),
    ],
)
def test_what_another_pin_gives_its_meaning_may_be_unknown_while_that_is_zero(design, guard, name):
    assert differ(design, guard, [0, 1, 0, 2], name, [0, 0, 15, 0]) is None
    assert differ(design, guard, [0, 1, 0, 2], name, [0, 0, 15, 15])[:2] == (3, name)
    assert differ(design, guard, [0, 1, 0, 2], name, [0, 0, 2, 0], (5, 5, 7, 5)) is None
    assert differ(design, guard, [0, 1, 0, 2], name, [0, 0, 1, 0], (5, 5, 7, 5))[:2] == (2, name), "a known bit"


@pytest.mark.parametrize(("block", "name"), [("drain", "oldest_stamp"), ("request_queue", "head")])
def test_no_other_pin_is_excused(block, name):
    assert differ(Design(block, f"hdl.{block}"), "ready", [0] * CYCLES, name, [0, 0, 15, 0])[:2] == (2, name)


def test_a_register_may_be_unknown_until_it_is_written_but_not_for_ever():
    assert differ(QUEUE, "ready", [1] * CYCLES, "head", [15, 15, 0, 0]) is None
    assert differ(QUEUE, "ready", [1] * CYCLES, "head", [15] * CYCLES) == (3, "head", 5, "x")


def test_a_guard_that_is_itself_unknown_excuses_nothing():
    expected = Trace([RESET, Column("ready", 1, [0] * CYCLES), Column("oldest_stamp", 4, [5] * CYCLES)])
    actual = Trace([Column("ready", 1, KNOWN, [0, 0, 1, 0]), Column("oldest_stamp", 4, [5] * CYCLES, [0, 0, 15, 0])])
    assert compared(QUEUE, expected, actual).first[:2] == (2, "ready")

"""Hardware in a chapter: blocks driven, looked into, changed."""

import pytest
from myhdl import Signal, modbv

from hdl.numerics import mx_dot
from hdl.tile import dot_unit
from zhenwu.chapter import changed, record, respond
from zhenwu.spec.tile import SLICE_FORMATS

SIXES = int("7" * 32, 16)
TABLE = "from zhenwu.spec.formats import BLOCK_SIZE, E2M1_HALVES"


def test_a_block_answers_each_vector():
    assert respond(mx_dot, "dot", {"a": [SIXES, 0, 1], "b": [SIXES, SIXES, 7]}) == [4608, 0, 12]


def test_a_narrower_output_wraps():
    narrow = Signal(modbv(0, min=-1024, max=1024))
    assert respond(mx_dot, "dot", {"a": [SIXES], "b": [SIXES]}, dot=narrow) == [4608 - 2 * 2048]


def test_a_changed_block_differs_and_the_original_does_not():
    integers = changed(mx_dot, TABLE, TABLE.replace(", E2M1_HALVES", "\nE2M1_HALVES = (*range(8), *range(-8, 0))"))
    vector = {"a": [SIXES], "b": [SIXES]}
    assert respond(integers, "dot", vector) == [32 * 49] and respond(mx_dot, "dot", vector) == [4608]


@pytest.mark.parametrize(("old", "times"), [("no such text", 0), ("total", 4)])
def test_a_change_must_name_one_place(old, times):
    with pytest.raises(ValueError, match=rf'"{old}" stands {times} times'):
        changed(mx_dot, old, "x")


def test_a_record_starts_after_reset_and_sees_inside():
    pins = dot_unit.ports(slots=2)
    unit = dot_unit.dot_unit(**pins, slots=2, formats=SLICE_FORMATS, latency=1)

    def steps():
        pins["a"].next = pins["b"].next = SIXES
        pins["a_scale"].next = pins["b_scale"].next = 127
        yield

    seen = record(unit, pins, steps, ["rst", "dot", "accumulators[1]"], 3)
    assert seen == {"rst": (1, [0, 0, 0]), "dot": (14, [0, 4608, 4608]), "accumulators[1]": (32, [0, 0, 0])}
    with pytest.raises(KeyError, match="nothing"):
        record(unit, pins, steps, ["nothing"], 3)

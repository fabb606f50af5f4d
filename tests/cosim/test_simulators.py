"""The committed table of the four simulators: whole, without a mismatch, and measured."""

import json
from dataclasses import replace

import pytest

from zhenwu.cosim import simulators as table
from zhenwu.cosim.simulators import BACKENDS, BOUND, Row, far_off, simulators, unlike

ROW = Row("controller", "Verilator", 2, 4000, 80_000, 0, 0, 1e6, 300.0)


def test_every_block_has_a_row_for_each_simulator_and_no_value_differs():
    rows = simulators()
    blocks = {row.block for row in rows}
    assert {"dot_unit", "mac_array", "tile", "controller", "slice"} <= blocks  # the chapter shows these
    assert sorted((row.block, row.backend) for row in rows) == sorted((b, k) for b in blocks for k in BACKENDS)
    assert {(row.mismatches, row.faults) for row in rows} == {(0, 0)}


def test_the_ratio_is_that_of_the_speeds():
    own = {row.block: row.cycles_per_s for row in simulators() if row.backend == "MyHDL"}
    for row in simulators():
        assert row.ratio == pytest.approx(row.cycles_per_s / own[row.block], rel=0.01)


def test_a_fresh_run_of_another_speed_is_like_it():
    assert unlike([ROW], [replace(ROW, ratio=ROW.ratio * 10 * BOUND, cycles_per_s=1.0)]) == []


def test_a_ratio_that_is_far_off_is_told():
    near = [replace(ROW, ratio=ROW.ratio * (BOUND - 0.1)), replace(ROW, block="fifo")]
    assert far_off([ROW], near) == []
    for factor in (BOUND + 0.1, 1 / (BOUND + 0.1)):
        (told,) = far_off([ROW], [replace(ROW, ratio=ROW.ratio * factor)])
        assert told.startswith("controller in Verilator: ") and told.endswith("the book says 300")


@pytest.mark.parametrize(
    ("fresh", "said"),
    [
        ([replace(ROW, mismatches=1)], "1 mismatches, expected 0"),
        ([replace(ROW, cycles=3999)], "3999 cycles, expected 4000"),
        ([replace(ROW, faults=1)], "1 faults, expected 0"),
        ([ROW, replace(ROW, block="fifo")], "fifo in Verilator is not in simulators.json"),
        ([], "controller in Verilator is in simulators.json alone"),
    ],
)
def test_a_fresh_run_that_differs_is_named(fresh, said):
    (found,) = unlike([ROW], fresh)
    assert said in found


@pytest.mark.parametrize("change", [{"backend": "ModelSim"}, {"cycles": 0}, {"values": 0}, {"ratio": 0.0}])
def test_a_row_that_cannot_be_is_refused(change):
    with pytest.raises(ValueError, match="expected"):
        replace(ROW, **change)


def test_a_field_that_nobody_knows_is_refused(monkeypatch, tmp_path):
    row = vars(ROW) | {"speed": 2}
    (tmp_path / "simulators.json").write_text(json.dumps([row]))
    monkeypatch.setattr(table, "files", lambda package: tmp_path)
    with pytest.raises(TypeError, match="speed"):
        simulators()

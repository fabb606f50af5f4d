"""Yosys reads a dot unit and a 2 x 2 array, finds nothing to refuse, and counts what is in them."""

import importlib.util

import pytest

from zhenwu.cosim import yosys as checks
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.yosys import YosysError, cells

LOOP = "module loop (y);\noutput y;\nwire y, x;\nassign x = ~y;\nassign y = ~x;\nendmodule\n"
TWICE = "module twice (a, b, y);\ninput a, b;\noutput y;\nwire y;\nassign y = a;\nassign y = b;\nendmodule\n"


@pytest.fixture(scope="module")
def counts(emitted, yosys):
    return {top: cells(emitted / f"{top}.v") for top in checks.TOPS}


def test_a_dot_unit_has_a_multiplier_per_lane(counts):
    assert counts["dot_unit"]["$mul"] >= 32
    assert counts["dot_unit"]["$add"] >= 31


def test_a_2_x_2_array_has_four_dot_units(counts):
    for kind in ("$mul", "$mem_v2"):  # comparisons of operands that a row of units shares are merged
        assert counts["mac_array_2x2"][kind] == 4 * counts["dot_unit"][kind]


@pytest.mark.parametrize(("name", "text"), [("loop", LOOP), ("twice", TWICE), ("broken", "module broken (\n")])
def test_what_is_no_hardware_is_refused_in_one_sentence(name, text, tmp_path, yosys):
    path = tmp_path / f"{name}.v"
    path.write_text(text)
    with pytest.raises(YosysError, match=rf"{name}: .*ERROR") as refused:
        cells(path)
    assert "\n" not in str(refused.value)


def test_a_run_that_takes_too_long_is_ended(emitted, monkeypatch, yosys):
    monkeypatch.setattr(checks, "TIME_LIMIT_S", 0.01)
    with pytest.raises(YosysError, match="dot_unit: Yosys was not done after 0.01 s"):
        cells(emitted / "dot_unit.v")


def test_without_yosys_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingTool, match="make gates"):
        cells("x.v")
    assert checks.main() == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "make gates" in error

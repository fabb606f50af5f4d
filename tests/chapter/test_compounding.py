"""What the chapter on the small agent draws: points and intervals are those of the cells, whatever they hold."""

import pytest

from tests.study.test_found import row, simulated
from zhenwu.chapter import axes, compounding, explore
from zhenwu.chapter.compounding import (
    LEAST,
    before_and_after,
    cache_lines,
    error_bars,
    hazard,
    left_bars,
    lost_bars,
    slip_bars,
    survival_lines,
)
from zhenwu.chapter.first_blocks import first_blocks
from zhenwu.study.cell import agent
from zhenwu.study.found import MILLION, expected, until_first

pytest.importorskip("matplotlib", reason="Matplotlib is not here: make book installs it")
SENTENCE = "A line with a mark at each of its points, from left to right."


@pytest.fixture(scope="module")
def cell() -> dict:
    return simulated(20, 0.3)


def marks(place) -> list[tuple[float, float]]:
    """Lone points, in the order drawn."""
    return [tuple(point) for line in place.lines if line.get_marker() == "o" for point in line.get_xydata()]


def test_survival_has_the_measured_points_and_the_curve_up_to_the_last_call(cell):
    drawn, place = axes()
    lines = survival_lines(place, {"made": cell})
    assert lines["made, measured"] == [(12, 100), (33, 74)]
    curve = dict(lines["made, if constant"])
    assert max(curve) <= cell["calls"] < 132 and curve[33] == pytest.approx(100 * expected(cell, 33))
    assert "data-y" in explore(drawn, "Left.", SENTENCE, "calls", "percent", lines).html


def test_an_error_is_a_mark_on_its_interval_and_none_an_interval_alone():
    _, place = axes()
    error_bars(place, [row(wrong=2, low=0.001, high=0.005), row()])
    assert marks(place) == [(2000, 0)]
    ends = [line.get_xdata().tolist() for line in place.lines if line.get_marker() != "o"]
    assert ends == [[1000, 5000], [LEAST, 4000]]


def test_what_follows_a_first_error_moves_no_mark_of_a_hazard(monkeypatch):
    slipped = row(wrong=2, low=0.001, high=0.005) | {"wrong": 900, "error": 0.9, "context": 64}
    _, place = axes()
    error_bars(place, [slipped])
    assert marks(place) == [(2000, 0)]
    monkeypatch.setattr(compounding, "all_of", lambda **wanted: [slipped])
    _, place = axes()
    assert cache_lines(place, ["fp32"]) == {"FP32": [(64, 2000)]}


def test_a_hazard_has_a_mark_for_each_bin_with_errors(cell):
    _, place = axes()
    hazard(place, {"one": cell, "two": cell}, "call")
    bins = [part for part in cell["bins"]["call"] if part[3]]
    assert [y for _, y in marks(place)] == [MILLION * wrong / turns for _, _, turns, wrong in bins] * 2
    assert [text.get_text() for text in place.get_xticklabels()][:2] == ["0 to 9", "10 to 19"]


def test_before_and_after_are_two_marks_and_without_an_after_one(cell):
    _, place = axes()
    before_and_after(place, [cell])
    assert marks(place)[0][0] == MILLION * until_first(cell).value and len(marks(place)) == 2
    _, place = axes()
    before_and_after(place, [simulated(200, 0.0)])  # no session ever errs
    assert marks(place) == []


def test_bars_have_the_lengths_of_their_counts(cell):
    _, place = axes()
    lost_bars(place, [cell | {"check": "kin", "lost": {"both": 3, "first": 1, "second": 2}}])
    assert [(bar.get_x(), bar.get_width()) for bar in place.patches] == [(0, 3), (3, 1), (4, 2)]
    assert [text.get_text() for text in place.get_legend().get_texts()] == ["both", "first", "second"]
    _, place = axes()
    slip_bars(place, {"a": {"the key": 3}, "b": {"the total": 2, "the key": 1}})
    assert [bar.get_width() for bar in place.patches] == [3, 0, 1, 2]
    _, place = axes()
    left_bars(place, [cell])
    assert marks(place) == [(74, 0)]


def test_the_first_blocks_are_four_bit_codes_of_one_symbol_and_several_rows():
    left, right = first_blocks(agent("plain"), "#", rows=3)
    assert left.shape == right.shape == (3, 32) and max(left.max(), right.max()) < 16
    assert (left == left[0]).all() and not (right == right[0]).all()

"""Figures to read values off: every point where Matplotlib draws it, the table of all points, and what is refused."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
import pytest

from zhenwu.chapter import axes, explore

matplotlib = pytest.importorskip("matplotlib", reason="Matplotlib is not here: make book installs it")

SENTENCE = "A line with a mark at each of its points, from left to right."
USE = "{http://www.w3.org/2000/svg}use"
POINTS = [(1.0, 3.0), (2.0, 1.0), (4.0, 9.0), (16.0, 40.0)]


def explored(points: list = POINTS, scale: str = "linear", **lines: list) -> str:
    """The HTML of a figure with one line "a" and others by name, each with marks."""
    drawn, place = axes()
    lines = {"a": points} | lines
    for name, members in lines.items():
        place.plot(*zip(*members, strict=True), "o-", label=name)
    place.set(xscale=scale, yscale=scale)
    return explore(drawn, "Marks.", SENTENCE, "step", "CK", lines).html


def drawn_marks(html: str, line: int) -> list[tuple[float, float]]:
    """Where the SVG itself has the marks of a line."""
    groups = ElementTree.fromstring(html).iterfind(f".//*[@data-line='{line}']")
    return [(float(use.get("x")), float(use.get("y"))) for group in groups for use in group.iter(USE)]


def rows(html: str) -> Iterator[list[ElementTree.Element]]:
    for row in ElementTree.fromstring(html).iterfind(".//tbody/tr"):
        yield list(row)


def stated_marks(html: str, line: int) -> list[tuple[float, float]]:
    """Where the table says that they are."""
    cells = [(row[0], row[1 + line]) for row in rows(html)]
    return [(float(head.get("data-x")), float(cell.get("data-y"))) for head, cell in cells if cell.text]


def near(stated: list[tuple[float, float]], expected: list[tuple[float, float]]) -> None:
    np.testing.assert_allclose(stated, expected, rtol=0, atol=0.006)  # the table has two decimals


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_every_point_is_stated_where_it_is_drawn(scale):
    html = explored(scale=scale, b=[(1, 2), (3, 30), (16, 5)])
    for line, count in ((0, 4), (1, 3)):
        stated = stated_marks(html, line)
        assert len(stated) == count
        near(stated, drawn_marks(html, line))


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("seed", range(5))
def test_positions_are_matplotlibs_own_transform(scale, seed):
    rng = np.random.default_rng(seed)
    points = sorted((10 ** rng.uniform(-3, 6, (20, 2))).tolist())
    drawn, place = axes(width=4)
    place.plot(*zip(*points, strict=True), label="a")
    place.set(xscale=scale, yscale=scale, ylabel="a wide label\nof two lines")
    html = explore(drawn, "Marks.", SENTENCE, "step", "CK", {"a": points}).html
    pixels = place.transData.transform(points) * 72 / drawn.dpi
    height = 72 * drawn.get_size_inches()[1]
    near(stated_marks(html, 0), [(x, height - y) for x, y in pixels])


def test_the_frame_is_that_of_the_axes_named():
    drawn, places = axes(columns=2)
    for place in places:
        place.plot([0, 1], [0, 1], "o", label="a")
        place.set(xlim=(0, 1), ylim=(0, 1))
    html = explore(drawn, "Two.", SENTENCE, "step", "CK", {"a": [(0, 0), (1, 1)]}, places[1]).html
    table = ElementTree.fromstring(html).find(".//table")
    left, right = stated_marks(html, 0)
    assert float(table.get("data-bottom")) == left[1] and float(table.get("data-top")) == right[1]
    near([left, right], drawn_marks(html, 0)[2:])  # each axes has two marks


def test_the_table_has_every_value_and_leaves_what_is_missing_empty():
    html = explored(b=[(2, 1234.5678), (3, 0.012345), (4, -50)])
    table = [[cell.text for cell in row] for row in rows(html)]
    assert table == [["1", "3", None], ["2", "1", "1,235"], ["3", None, "0.01235"], ["4", "9", "\u221250"],
                     ["16", "40", None]]
    assert re.findall(r'<th scope="col">(.*?)</th>', html) == ["step", "a", "b"] and "<caption>CK</caption>" in html


def test_two_x_never_read_alike():
    near = [(0.10001, 1), (0.10002, 2), (123456.0, 3)]
    assert [row[0].text for row in rows(explored(near))] == ["0.10001", "0.10002", "123,456"]


def test_everything_of_a_line_can_be_taken_away_together():
    drawn, place = axes()
    place.bar([1, 2, 3], [1, 2, 3], label="bars")
    place.step([1, 2, 3], [1, 3, 6], label="sum")
    place.text(2, 4, "the sum", gid="sum")
    place.legend()
    values = {"bars": [(1, 1), (2, 2), (3, 3)], "sum": [(1, 1), (2, 3), (3, 6)]}
    root = ElementTree.fromstring(explore(drawn, "Bars.", SENTENCE, "step", "CK", values).html)
    in_legend = 2  # the sign and the name
    assert len(root.findall(".//*[@data-line='0']")) == 3 + in_legend
    assert len(root.findall(".//*[@data-line='1']")) == 1 + 1 + in_legend


@pytest.mark.parametrize("axis", ["x", "y"])
def test_an_axis_without_label_is_labelled_and_a_label_stays(axis):
    drawn, place = axes()
    place.plot([1, 2], [1, 2], label="a")
    place.set(**{f"{axis}label": "clock periods"})
    html = explore(drawn, "Marks.", SENTENCE, "step", "CK", {"a": [(1, 1), (2, 2)]}).html
    labels = re.findall(r">([a-zA-Z ]+)</text>", html)
    assert labels == (["clock periods", "CK"] if axis == "x" else ["step", "clock periods"])


def test_figures_with_the_same_lines_share_no_id():
    found = [set(re.findall(r'\bid="([^"]*)"', html)) for html in (explored(), explored())]
    assert found[0] == found[1], "the same figure is drawn the same"
    drawn, place = axes()
    place.plot([1, 2], [1, 2], "o-", label="a")
    other = explore(drawn, "Others.", SENTENCE, "step", "CK", {"a": [(1, 1)]}).html
    assert found[0] and not found[0] & set(re.findall(r'\bid="([^"]*)"', other))


def test_words_from_outside_stay_words():
    drawn, place = axes()
    place.plot([1, 2], [1, 2], label="a < b & c")
    html = explore(drawn, 'Of "x" & y.', SENTENCE, "x < 3", "y & z", {"a < b & c": [(1, 1), (2, 2)]}).html
    heads = [cell.text for cell in ElementTree.fromstring(html).iterfind(".//thead//th")]
    assert heads == ["x < 3", "a < b & c"]


REFUSED = {
    "no line": ({}, "lines: expected at least one line"),
    "a line without points": ({"a": []}, 'line "a": expected at least one point'),
    "three coordinates": ({"a": [(1, 2, 3)]}, "point (1, 2, 3): expected a pair of finite numbers"),
    "a number alone": ({"a": [1, 2]}, "point 1: expected a pair of finite numbers"),
    "words": ({"a": [("x", 1)]}, "point ('x', 1): expected a pair of finite numbers"),
    "no number": ({"a": [(1, float("nan"))]}, "point (1, nan): expected a pair of finite numbers"),
    "infinity": ({"a": [(float("inf"), 1)]}, "point (inf, 1): expected a pair of finite numbers"),
    "an x twice": ({"a": [(1, 1), (2, 1), (1, 2)]}, 'line "a": x = 1 stands there twice'),
    "a point beside the axes": ({"a": [(1, 1), (5, 1)]}, "point (5, 1): expected it inside the axes"),
    "a point before the axes": ({"a": [(-5, 1)]}, "point (-5, 1): expected it inside the axes"),
    "a point above the axes": ({"a": [(1, 99)]}, "point (1, 99): expected it inside the axes"),
    "zero on a log axis": ({"a": [(1, 0)]}, "point (1, 0): expected it inside the axes"),
    "a line that nobody drew": ({"a": [(1, 1)], "b": [(1, 1)]}, 'line "b": expected something drawn with label="b"'),
}


@pytest.mark.parametrize(("lines", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_would_mislead_is_refused_in_one_sentence(lines, sentence):
    drawn, place = axes()
    place.plot([1, 2], [1, 2], label="a")
    place.set_yscale("log" if "(1, 0)" in sentence else "linear")
    with pytest.raises(ValueError) as refusal:
        explore(drawn, "Marks.", SENTENCE, "step", "CK", lines)
    assert sentence in str(refusal.value) and "\n" not in str(refusal.value)

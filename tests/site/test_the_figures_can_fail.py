"""Does each trial of a figure find its fault? Planted one at a time in a copy of the site."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced, tab_to
from tests.site.finding import EXPLORE, SITE, Explored, explored
from tests.site.planting import IN_HEAD, before, planted
from tests.site.reading import (
    SCRIPT,
    SCRIPT_BYTES,
    SLIDER,
    TICKS,
    dead_controls,
    figure_of,
    key_faults,
    script_faults,
    toggle_faults,
)

# what is wrong with the script: (what to replace and by what, how the fault is called)
IN_KEYS = {
    "a step too many": (("readable[slider.value] ?? null, rest", "readable[+slider.value + 1], rest"), "reads"),
    "a readout that stays": (("clearTimeout(timer);", "return;"), "reads"),
    "another text than the table's": (("text: textContent", "text: dataset.y"), "reads"),
    "a cursor beside the point": (("x1: x,", "x1: x + 1,"), "cursor at"),
    "a dot beside the point": (("cy: y,", "cy: top,"), "dots at"),
    "a slider that goes nowhere": (("max: points.length - 1", "max: 0"), "row 1"),
}
IN_TOGGLES = {
    "a line that stays": (('shown ? "" : "none"', '""'), "still drawn"),
    "a line that is gone for good": (('shown ? "" : "none"', '"none"'), "not drawn again"),
    "a line that is read out unseen": (("line.shown && dataset.y", "dataset.y"), "still read out"),
    "a box for another line": (("() => show(line", "() => show(lines[0]"), "still drawn"),
}


@pytest.fixture
def part() -> Explored:
    return next(part for part in explored(SITE) if part.page == "matmul_on_a_slice.html")


def test_a_figure_is_sound_before_anything_is_planted(opened: Callable[..., Tab], copy: Path, part: Explored) -> None:
    for faults in (key_faults, toggle_faults):
        assert not faults(opened().open(part.page), part)
    assert not script_faults(copy)


@pytest.mark.parametrize("fault", IN_KEYS)
def test_a_fault_in_reading_is_found(
    opened: Callable[..., Tab], copy: Path, part: Explored, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.site.reading.READ_MS", 500)
    change, words = IN_KEYS[fault]
    with planted(copy / SCRIPT, change):
        assert words in " ".join(key_faults(opened().open(part.page), part))


@pytest.mark.parametrize("fault", IN_TOGGLES)
def test_a_fault_in_the_boxes_is_found(opened: Callable[..., Tab], copy: Path, part: Explored, fault: str) -> None:
    change, words = IN_TOGGLES[fault]
    with planted(copy / SCRIPT, change):
        assert words in " ".join(toggle_faults(opened().open(part.page), part))


def test_a_focus_that_is_not_seen_is_found(opened: Callable[..., Tab], copy: Path, part: Explored) -> None:
    hidden = "<style>.explore :focus, .explore :focus-visible {outline: none !important; box-shadow: none !important}"
    with planted(copy / part.page, before(IN_HEAD, f"{hidden}</style>")):
        found = key_faults(opened().open(part.page), part) + toggle_faults(opened().open(part.page), part)
    assert len(found) == 3 and all("looks the same with focus" in fault for fault in found)


def test_a_readout_that_nobody_hears_is_found(opened: Callable[..., Tab], copy: Path, part: Explored) -> None:
    readout = ".explore-controls > :last-child"
    assert is_announced(opened().open(part.page), readout)
    with planted(copy / SCRIPT, ('make("output"', 'make("div"')):
        assert not is_announced(opened().open(part.page), readout)


def test_a_slider_out_of_the_keyboards_reach_is_found(opened: Callable[..., Tab], copy: Path, part: Explored) -> None:
    def reach_it() -> None:
        page = opened().open(part.page)
        figure_of(page, part)
        page.locator(TICKS).last.focus()
        tab_to(page, SLIDER, 3)

    reach_it()
    with planted(copy / SCRIPT, ('type: "range"', 'type: "range", tabIndex: -1')):
        with pytest.raises(AssertionError, match="not reached"):
            reach_it()


def test_a_control_that_does_nothing_without_script_is_found(
    opened: Callable[..., Tab], copy: Path, part: Explored
) -> None:
    with planted(copy / part.page, (EXPLORE, EXPLORE + "<button>Hide</button>")):
        page = opened(java_script_enabled=False).open(part.page)
        assert dead_controls(page.locator(".explore").nth(part.number)) == ["<button>Hide</button>"]


def test_a_script_too_heavy_missing_or_loaded_for_nothing_is_found(copy: Path, part: Explored) -> None:
    with planted(copy / SCRIPT, ("(() =>", "//" + "x" * SCRIPT_BYTES + "\n(() =>")):
        assert "bytes, at most" in script_faults(copy)[0]
    with planted(copy / part.page, (SCRIPT, "absent.js")):
        assert script_faults(copy) == [f"{part.page}: no {SCRIPT}"]
    with planted(copy / "notation.html", before(IN_HEAD, f'<script defer src="{SCRIPT}"></script>')):
        assert script_faults(copy) == [f"notation.html: {SCRIPT}"]

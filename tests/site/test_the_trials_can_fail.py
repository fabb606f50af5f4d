"""Does each trial of what a page does find its fault? Planted one at a time in a copy of the site."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced, tab_to
from tests.site.finding import SITE, Part, answers, cells
from tests.site.grading import grading_faults
from tests.site.live import disagreements, early_downloads, run, status
from tests.site.planting import IN_TEXT, before, planted
from tests.site.searching import searched


@pytest.fixture
def cell() -> Part:
    return next(cell for cell in cells(SITE) if cell["data-recorded"] == "right")


def test_a_wrong_expected_value_is_found(opened: Callable[..., Tab], copy: Path, cell: Part) -> None:
    vectors = copy / "live" / "vectors" / f"{cell['data-vectors']}.json"
    stimulus = json.loads(vectors.read_text(encoding="utf-8"))
    pin, values = next((pin, values) for pin, values in stimulus["expected"].items() if values[3] is not None)
    wrong = [*values[:3], values[3] ^ 1, *values[4:]]
    with planted(vectors, (json.dumps({pin: values})[1:-1], json.dumps({pin: wrong})[1:-1])):
        tab = opened()
        (found,) = disagreements(tab.open(cell.page), cell)
    assert "wrong, but right when built" in found and pin in found


def test_a_site_without_pyodide_says_so(opened: Callable[..., Tab], copy: Path, cell: Part) -> None:
    python = copy / "live" / "pyodide"
    python.rename(python.with_name("away"))
    try:
        page = opened().open(cell.page)
        assert run(page, cell) == "failed" and "Python could not be loaded" in status(page, cell)
    finally:
        python.with_name("away").rename(python)


def test_a_download_before_the_click_is_found(opened: Callable[..., Tab], copy: Path, cell: Part) -> None:
    with planted(copy / cell.page, before(IN_TEXT, "<script>fetch('live/python.zip')</script>")):
        tab = opened()
        tab.open(cell.page).wait_for_load_state("networkidle")
    assert early_downloads(tab) == ["fetched before the click: live/python.zip"]


def test_a_marking_turned_round_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    part = next(part for part in answers(SITE) if part["data-answer"].isdigit())
    with planted(copy / "_static" / "questions.js", ("return said === answer", "return said !== answer")):
        found = grading_faults(opened().open(part.page), part)
    assert len(found) == 2 and "a wrong answer is marked 'Right.'" in found[0]


def test_a_result_that_is_not_announced_is_found(opened: Callable[..., Tab], copy: Path, cell: Part) -> None:
    page = opened().open(cell.page)
    assert is_announced(page, f"{cell.selector} .live-status")
    with planted(copy / cell.page, *[('role="status"', "")] * page.content().count('role="status"')):
        assert not is_announced(opened().open(cell.page), f"{cell.selector} .live-status")


def test_a_button_out_of_the_keyboards_reach_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    part = answers(SITE)[0]
    with planted(copy / part.page, (f'data-name="{part.name}"', f'data-name="{part.name}" inert')):
        page = opened().open(part.page)
        with pytest.raises(AssertionError, match="not reached"):
            tab_to(page, f"form{part.selector} input", 300)


def test_a_search_without_its_index_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    from playwright.sync_api import TimeoutError

    index = copy / "pagefind"
    index.rename(copy / "away")
    try:
        with pytest.raises(TimeoutError):
            searched(opened(), "saturation", 2_000)
    finally:
        (copy / "away").rename(index)

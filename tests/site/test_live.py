"""Does hardware run in the reader's page, with the build's result, and is each way to fail handled there?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mutations import MUTATIONS
from tests.site.browsing import Tab, tab
from tests.site.by_keyboard import is_announced, shows_focus, skip_the_menu, tab_to
from tests.site.finding import SITE, Part, cells
from tests.site.live import CLICK_TO_RESULT_MS, DOWNLOADED, disagreements, early_downloads, ended, run, status
from tests.site.page_faults import page_faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
CELLS = cells(SITE)
PAGES = list(dict.fromkeys(cell.page for cell in CELLS))
EXERCISES = [cell for cell in CELLS if cell["data-recorded"] == "wrong"]


def file_of(cell: Part) -> str:
    """The file of our package whose source the cell shows."""
    page = (SITE / cell.page).read_text(encoding="utf-8")
    return re.search(r"<code>((?:hdl|zhenwu)/[^<]+\.py)</code>", page[page.index(f'data-live="{cell.name}"') :])[1]


def package_source(cell: Part) -> str:
    return (ROOT / file_of(cell)).read_text(encoding="utf-8")


# What the package's block must become where an exercise asks for another: by the vectors it is graded against
CHANGES = {"arbiter_stores_first": ("choice.next = not owner", "choice.next = True")}


def solution(cell: Part) -> str:
    """The source that solves an exercise: the package's own, or changed as the exercise asks."""
    source, vectors = package_source(cell), cell["data-vectors"]
    return source if vectors == Path(file_of(cell)).stem else source.replace(*CHANGES[vectors])


@pytest.fixture(scope="module")
def cell() -> Part:
    """A cell that shows a block as it is, and whose slips the mutation tests know."""
    plain = (cell for cell in CELLS if cell["data-recorded"] == "right")
    return next(cell for cell in plain if len(MUTATIONS.get(file_of(cell), ())) >= 3)


@pytest.fixture(scope="module")
def kept(browser: Browser, root: str) -> Iterator[dict[str, Tab]]:
    """A tab for each page with cells, kept for several tests, so that Python is loaded once."""
    with ExitStack() as stack:
        tabs = {name: stack.enter_context(tab(browser, root)) for name in PAGES}
        for name, opened in tabs.items():
            opened.open(name).wait_for_load_state("networkidle")
        yield tabs


@pytest.fixture
def page(kept: dict[str, Tab], cell: Part) -> Page:
    """The cell's page, with the book's own source in the cell."""
    kept[cell.page].page.click(f"{cell.selector} .live-reset")
    return kept[cell.page].page


def test_the_book_has_live_cells() -> None:
    """So that none of the tests below passes for want of a cell."""
    assert any(cell["data-recorded"] == "right" for cell in CELLS) and len(EXERCISES) >= 6


@pytest.mark.parametrize("live_page", PAGES)
def test_nothing_is_downloaded_before_the_click(kept: dict[str, Tab], live_page: str) -> None:
    """And after it a result within 20 s, with all that has to be loaded."""
    opened = kept[live_page]
    before = set(opened.fetched())
    assert not early_downloads(opened)
    run(opened.page, next(cell for cell in CELLS if cell.page == live_page))
    after = set(opened.fetched()) - before
    assert len(list(filter(DOWNLOADED.search, after))) >= 4, f"the click fetched only {sorted(after)}"


@pytest.mark.parametrize("live_page", PAGES)
def test_the_page_finds_what_the_build_recorded(kept: dict[str, Tab], live_page: str) -> None:
    """Of every cell: the same verdict, the same words, the same values."""
    opened = kept[live_page]
    for cell in (cell for cell in CELLS if cell.page == live_page):
        opened.page.click(f"{cell.selector} .live-reset")
        assert not disagreements(opened.page, cell)
        assert "just now" in opened.page.inner_text(cell.selector), f"{cell}: the recorded result was left standing"
    faults = page_faults(opened)
    assert not faults, "after the live runs:\n" + "\n".join(faults)


@pytest.mark.parametrize("cell", EXERCISES, ids=str)
def test_an_exercise_is_graded(kept: dict[str, Tab], cell: Part) -> None:
    """As it stands it is wrong; its solution is right."""
    page = kept[cell.page].page
    page.click(f"{cell.selector} .live-reset")
    assert run(page, cell) == "done" and page.get_attribute(cell.selector, "data-verdict") == "wrong"
    assert run(page, cell, solution(cell)) == "done"
    assert page.get_attribute(cell.selector, "data-verdict") == "right", status(page, cell)


def test_planted_bugs_are_found(page: Page, cell: Part) -> None:
    """Three of the slips that the mutation tests know; a parameter of the cell may hide one from it."""
    good, verdicts = package_source(cell), {}
    for slip, (old, new) in MUTATIONS[file_of(cell)].items():
        assert run(page, cell, good.replace(old, new)) == "done", slip
        verdicts[slip] = page.get_attribute(cell.selector, "data-verdict")
        if verdicts[slip] == "wrong":
            assert "expected" in page.inner_text(f"{cell.selector} .live-verdict"), slip
    assert list(verdicts.values()).count("wrong") >= 3, verdicts
    assert run(page, cell, good) == "done" and page.get_attribute(cell.selector, "data-verdict") == "right"


@pytest.mark.parametrize("line, kind", [("def broken(:", "syntax"), ("raise KeyError('planted')", "KeyError")])
def test_an_error_is_stated_with_its_line(
    page: Page, kept: dict[str, Tab], cell: Part, line: str, kind: str
) -> None:
    good = package_source(cell)
    where = len(good.splitlines()) + 1
    assert run(page, cell, f"{good.rstrip()}\n{line}\n") == "failed"
    assert page.get_attribute(cell.selector, "data-verdict") in (None, "absent")
    said = status(page, cell).lower()
    assert kind.lower() in said and f"line {where}" in said
    assert run(page, cell, good) == "done", "a failure ends the cell for good"
    assert not kept[cell.page].said, "an error of the reader's belongs in the cell, not in the console"


def test_a_list_of_commands_is_judged(kept: dict[str, Tab]) -> None:
    """One without vectors: a command that comes early, and a line that is none."""
    cell = next(cell for cell in CELLS if not cell["data-vectors"])
    page = kept[cell.page].page
    page.click(f"{cell.selector} .live-reset")
    given = page.input_value(f"{cell.selector} textarea")
    for ck, verdict, words in ((30, "wrong", "RD 30 CK after ACT, expected 31"), (31, "right", "no rule is broken")):
        assert run(page, cell, f"0 ACT bg=0 ba=0 row=5\n{ck} RD bg=0 ba=0\n") == "done"
        assert page.get_attribute(cell.selector, "data-verdict") == verdict and words in status(page, cell)
        assert page.locator(f"{cell.selector} .live-wave svg.timeline").count() == 1
    assert run(page, cell, f"{given}\n900 OPEN\n") == "failed"
    assert f"line {len(given.splitlines()) + 2}: \"open\"" in status(page, cell).lower()
    page.click(f"{cell.selector} .live-reset")
    assert page.input_value(f"{cell.selector} textarea") == given


def test_an_endless_loop_is_stopped(page: Page, cell: Part) -> None:
    good = package_source(cell)
    page.fill(f"{cell.selector} textarea", good + "\nwhile True:\n    pass\n")
    page.click(f"{cell.selector} .live-run")
    page.wait_for_selector(f'{cell.selector}[data-state="running"]', timeout=CLICK_TO_RESULT_MS)
    page.click(f"{cell.selector} .live-stop")
    assert ended(page, cell, 2_000) == "stopped" and "stopped" in status(page, cell).lower()
    page.click(f"{cell.selector} .live-reset")
    assert page.input_value(f"{cell.selector} textarea") == good, "reset does not bring the book's source back"
    assert run(page, cell) == "done" and page.get_attribute(cell.selector, "data-verdict") == "right"


def test_a_page_opened_as_a_file_says_what_to_do(fresh: Callable[..., Tab], cell: Part) -> None:
    page = fresh().page
    page.goto((SITE / cell.page).as_uri())
    assert run(page, cell, wait_ms=5_000) == "failed"
    assert "make serve" in status(page, cell)


def test_a_run_by_keyboard_alone(fresh: Callable[..., Tab], cell: Part) -> None:
    page = fresh().open(cell.page)
    skip_the_menu(page)
    tab_to(page, f"{cell.selector} textarea")
    assert shows_focus(page)
    tab_to(page, f"{cell.selector} .live-run")  # Tab leaves the field
    assert shows_focus(page)
    page.keyboard.press("Enter")
    assert ended(page, cell) == "done" and page.get_attribute(cell.selector, "data-verdict") == "right"
    assert status(page, cell) and is_announced(page, f"{cell.selector} .live-status")
    assert page.evaluate("document.activeElement !== document.body"), "the focus is lost by the run"


def test_an_exercise_is_graded_by_keyboard_alone(fresh: Callable[..., Tab]) -> None:
    """Select all, put the right source there, run."""
    cell = EXERCISES[0]
    page = fresh().open(cell.page)
    skip_the_menu(page)
    tab_to(page, f"{cell.selector} textarea")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(package_source(cell))
    tab_to(page, f"{cell.selector} .live-run")
    page.keyboard.press("Space")
    assert ended(page, cell) == "done" and page.get_attribute(cell.selector, "data-verdict") == "right"
    assert "right" in status(page, cell).lower()

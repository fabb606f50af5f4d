"""Walking through recorded sessions as a reader would: each function tries one box of them and says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.site import reading
from tests.site.by_keyboard import is_announced, shows_focus, skip_the_menu, tab_to
from tests.site.finding import WALKED, text_pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPT, SCRIPT_BYTES = "transcripts.js", 4_500
WALKER = ".transcript-walker"
CHOICE, CARD = f"{WALKER} select", f"{WALKER} .transcript-turn"
BACK, FORWARD, NEXT = (f"{WALKER} button:nth-of-type({number})" for number in (1, 2, 3))
FIND_ROWS = """table => [...table.tBodies[0].rows].map(row => [
  row.classList.contains("marked"), ...[...row.cells].map(cell => cell.textContent)])"""
FIND_CARD = """card => [card.querySelector("strong").textContent,
  ...[...card.querySelectorAll("dt")].filter(term => !term.hidden).flatMap(
    term => [term.textContent, term.nextElementSibling.textContent])]"""
MOST_STEPS = 6


def pages_with_sessions(site: Path) -> list[str]:
    return [name for name in text_pages(site) if WALKED in (site / name).read_text(encoding="utf-8")]


def table_of(page: Page, session: int) -> tuple[list[str], list[list]]:
    """The head of a session's table, and its rows: whether each is marked, and its cells."""
    table = page.locator("details.transcript table").nth(session)
    return table.locator("thead th").all_text_contents(), table.evaluate(FIND_ROWS)


def at_turn(page: Page, session: int, row: int) -> list[str]:
    """Whether the card shows this row of this session, and the table says which one is shown."""
    head, rows = table_of(page, session)
    _, number, *cells = rows[row]
    wanted = [f"{head[0]} {number} of {len(rows)}"]
    for name, text in zip(head[1:], cells, strict=True):
        wanted += [name, text] if text else []
    found = page.locator(CARD).evaluate(FIND_CARD)
    here = page.locator("details.transcript tbody tr[aria-current]")
    current = here.evaluate_all("rows => rows.map(row => row.rowIndex)")
    return ([] if found == wanted else [f"turn {number}: shows {found}, expected {wanted}"]) + (
        [] if current == [row + 1] else [f"turn {number}: rows {current} are current, expected {[row + 1]}"])


def key_faults(page: Page) -> list[str]:
    """The first session by keys alone: buttons reached and seen, both ends kept, arrows too, marked turns found."""
    skip_the_menu(page)
    tab_to(page, CHOICE)
    found = [] if shows_focus(page) else ["the choice looks the same with focus"]
    found += [] if is_announced(page, CARD) else ["the turn is not announced"]
    found += at_turn(page, 0, 0)
    rows = table_of(page, 0)[1]
    last = len(rows) - 1
    tab_to(page, BACK, 5)
    found += [] if shows_focus(page) else ["Back looks the same with focus"]
    page.keyboard.press("Enter")
    found += [f"Back at the first: {fault}" for fault in at_turn(page, 0, 0)]
    tab_to(page, FORWARD, 5)
    for row in range(1, min(MOST_STEPS, last) + 1):
        page.keyboard.press("Enter")
        found += [f"Forward: {fault}" for fault in at_turn(page, 0, row)]
    for key, row in (("End", last), ("ArrowRight", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        found += [f"{key}: {fault}" for fault in at_turn(page, 0, row)]
    tab_to(page, NEXT, 5)
    for row in [number for number, (marked, *_) in enumerate(rows) if marked and number]:
        page.keyboard.press("Enter")
        found += [f"Next marked turn: {fault}" for fault in at_turn(page, 0, row)]
    return found


def choice_faults(page: Page) -> list[str]:
    """Each session is offered, and chosen it begins anew, with its verdict."""
    folds = page.locator("details.transcript")
    offered = page.locator(f"{CHOICE} option").all_text_contents()
    found = [] if offered == folds.locator("summary").all_text_contents() else [f"offers {offered}"]
    for session in range(folds.count()):
        page.select_option(CHOICE, str(session))
        found += at_turn(page, session, 0)
        said, wanted = page.locator(f"{WALKER} > p").text_content(), folds.nth(session).locator("p").text_content()
        found += [] if said == wanted else [f"session {session}: says {said!r}, expected {wanted!r}"]
        page.click(FORWARD)
        found += at_turn(page, session, 1)
    return found


def script_faults(site: Path) -> list[str]:
    """The walker's script is light, and comes with the pages that use it alone."""
    return reading.script_faults(site, SCRIPT, SCRIPT_BYTES, WALKED)

"""Running a live cell of the page, and what is wrong with what it then shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.site.browsing import Tab
from tests.site.finding import Part

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLICK_TO_RESULT_MS = 20_000  # Python's loading included
DOWNLOADED = re.compile(r"pyodide|worker|vectors|\.(wasm|zip|whl)$")  # what a run needs besides the page
FINAL = ("done", "failed", "stopped")


def run(page: Page, cell: Part, source: str | None = None, wait_ms: int = CLICK_TO_RESULT_MS) -> str:
    """Click on Run, with other source in the cell if given; the state that the cell ends in."""
    if source is not None:
        page.fill(f"{cell.selector} textarea", source)
    page.click(f"{cell.selector} .live-run")
    return ended(page, cell, wait_ms)


def ended(page: Page, cell: Part, wait_ms: int = CLICK_TO_RESULT_MS) -> str:
    states = ", ".join(f'{cell.selector}[data-state="{state}"]' for state in FINAL)
    page.wait_for_selector(states, timeout=wait_ms)
    return page.get_attribute(cell.selector, "data-state")


def status(page: Page, cell: Part) -> str:
    return page.inner_text(f"{cell.selector} .live-status")


def shown(page: Page, cell: Part) -> list[str]:
    """The result that stands in the cell: verdict, summary and every value."""
    return [page.inner_text(f"{cell.selector} {part}") for part in (".live-verdict", ".live-summary", ".live-values")]


def disagreements(page: Page, cell: Part) -> list[str]:
    """Where a run in this page differs from what the build recorded: verdict, words or values."""
    recorded = shown(page, cell)
    if not all(recorded):
        return [f"{cell}: the build recorded no result"]
    if run(page, cell) != "done":
        return [f"{cell}: no result: {status(page, cell)}"]
    verdict = page.get_attribute(cell.selector, "data-verdict")
    if verdict != cell["data-recorded"]:
        return [f"{cell}: {verdict}, but {cell['data-recorded']} when built: {status(page, cell)}"]
    if shown(page, cell) != recorded:
        return [f"{cell}: other words or values than when built"]
    return []


def early_downloads(tab: Tab) -> list[str]:
    """What of a run's needs was fetched although nobody has clicked."""
    return [f"fetched before the click: {name}" for name in tab.fetched() if DOWNLOADED.search(name)]

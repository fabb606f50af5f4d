"""Reading values off a figure as a reader would: each function tries one figure and says what is wrong with it."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.site.by_keyboard import is_announced, shows_focus, skip_the_menu, tab_to
from tests.site.finding import EXPLORE, Explored, text_pages

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

HERE = "[data-trial]"
SLIDER, TICKS, OUTPUT = (f"{HERE} {part}" for part in ("input[type=range]", "input[type=checkbox]", "output"))
MOST_STEPS = 12  # along a figure from its left; then the other keys
READ_MS = 3_000
SCRIPT, SCRIPT_BYTES = "figures.js", 6_000
FIND_ROWS = """table => [...table.tBodies[0].rows].map(row => [...row.cells].map(
  cell => [cell.textContent, cell.dataset.x ?? cell.dataset.y ?? ""]))"""
FIND_CURSOR = """svg => {
  const found = (parts, ...names) => [...svg.querySelectorAll(`.explore-cursor ${parts}`)].map(
    part => names.map(name => Number(part.getAttribute(name))));
  return [found("line", "x1", "x2"), found("circle", "cx", "cy")];
}"""
HIDDEN = "parts => parts.length > 0 && parts.every(part => part.getClientRects().length === 0)"


class Figure(NamedTuple):
    """What a figure's table has: the names of x, y and the lines; by row and column its text and where that lies."""

    x: str
    y: str
    names: list[str]
    rows: list[list[tuple[str, str]]]

    def reading(self, row: int) -> str:
        """What is to be said of a row."""
        (head, _), *cells = self.rows[row]
        said = [f"{name}: {text}" for name, (text, _) in zip(self.names, cells, strict=True) if text]
        return "; ".join([f"{self.x}: {head}", *said]) + f" ({self.y})"

    def x_of(self, row: int) -> float:
        return float(self.rows[row][0][1])

    def dots(self, row: int) -> list[list[float]]:
        """Where the values of a row lie."""
        return [[self.x_of(row), float(y)] for _, y in self.rows[row][1:] if y]


def figure_of(page: Page, part: Explored) -> Figure:
    """The figure's table; the figure is marked, and it alone, so that HERE selects it."""
    box = page.locator(".explore").nth(part.number)
    page.locator(".explore").evaluate_all("all => all.forEach(each => { delete each.dataset.trial; })")
    box.evaluate("box => { box.dataset.trial = ''; }")
    table = box.locator(".values table")
    x, *names = table.locator("thead th").all_text_contents()
    return Figure(x, table.locator("caption").text_content(), names, table.evaluate(FIND_ROWS))


def reads(page: Page, expected: str) -> list[str]:
    """Whether the readout comes to say this."""
    from playwright.sync_api import TimeoutError

    try:
        page.wait_for_function("([where, text]) => document.querySelector(where).textContent === text",
                               arg=[OUTPUT, expected], timeout=READ_MS)
    except TimeoutError:
        return [f"reads {page.locator(OUTPUT).text_content()!r}, expected {expected!r}"]
    return []


def at_row(page: Page, figure: Figure, row: int) -> list[str]:
    """Whether readout, cursor and dots are those of a row."""
    x = figure.x_of(row)
    cursor, dots = page.locator(f"{HERE} svg").evaluate(FIND_CURSOR)
    found = [f"row {row}: {fault}" for fault in reads(page, figure.reading(row))]
    if cursor != [[x, x]]:
        found.append(f"row {row}: cursor at {cursor}, expected at {x}")
    if dots != figure.dots(row):
        found.append(f"row {row}: dots at {dots}, expected at {figure.dots(row)}")
    return found


def key_faults(page: Page, part: Explored) -> list[str]:
    """The slider by keys alone: reached, seen, said, and at the right place after each."""
    figure = figure_of(page, part)
    skip_the_menu(page)
    tab_to(page, SLIDER)
    found = [] if shows_focus(page) else ["the slider looks the same with focus"]
    found += [] if is_announced(page, OUTPUT) else ["the readout is not announced"]
    last = len(figure.rows) - 1
    page.keyboard.press("Home")
    for row in islice(range(1, len(figure.rows)), MOST_STEPS):
        page.keyboard.press("ArrowRight")
        found += at_row(page, figure, row)
    steps = [("End", last), ("ArrowRight", last), ("ArrowLeft", max(0, last - 1)), ("Home", 0), ("ArrowLeft", 0)]
    for key, row in steps:
        page.keyboard.press(key)
        found += [f"{key}: {fault}" for fault in at_row(page, figure, row)]
    page.keyboard.press("PageUp")
    row = int(page.locator(SLIDER).input_value())
    if row < min(last, 3 if last >= 30 else 1):
        found.append(f"PageUp leads to row {row}")
    return found + at_row(page, figure, row)


def toggle_faults(page: Page, part: Explored) -> list[str]:
    """Each line taken away and brought back by keys alone; with none left the readout says so."""
    figure, found = figure_of(page, part), []
    if len(figure.names) == 1:
        return [] if page.locator(TICKS).count() == 0 else ["a box for the only line"]
    skip_the_menu(page)
    for line, name in enumerate(figure.names):
        tab_to(page, TICKS)
        found += [] if shows_focus(page) else [f"{name}: its box looks the same with focus"]
        page.keyboard.press("Space")
        if not page.locator(f"{HERE} [data-line='{line}']").evaluate_all(HIDDEN):
            found.append(f"{name}: is still drawn without its tick")
        if re.search(rf"(?<!\w){re.escape(name)}: ", page.locator(OUTPUT).text_content()):
            found.append(f"{name}: is still read out without its tick")
        page.keyboard.press("Space")
        if page.locator(f"{HERE} [data-line='{line}']").evaluate_all(HIDDEN):
            found.append(f"{name}: is not drawn again")
    for tick in page.locator(TICKS).all():
        tick.uncheck()
    found += reads(page, "No line is shown.")
    for tick in page.locator(TICKS).all():
        tick.check()
    return found + ([] if figure.x in page.locator(OUTPUT).text_content() else ["reads nothing after all came back"])


def pointed_at(page: Page, part: Explored, row: int) -> tuple[float, float]:
    """Where in the window the value of a row is, once it is in sight."""
    figure_of(page, part)
    svg = page.locator(f"{HERE} svg")
    svg.scroll_into_view_if_needed()
    x = page.locator(f"{HERE} tbody th").nth(row).get_attribute("data-x")
    return tuple(svg.evaluate("""(svg, x) => {
      const {left, top, width, height} = svg.getBoundingClientRect();
      return [left + x * width / svg.viewBox.baseVal.width, top + height / 2];
    }""", float(x)))


def dead_controls(box: Locator) -> list[str]:
    """What can be touched and does nothing without script."""
    return box.locator("input, button, select, output").evaluate_all("all => all.map(each => each.outerHTML)")


def script_faults(site: Path, script: str = SCRIPT, most: int = SCRIPT_BYTES, mark: str = EXPLORE) -> list[str]:
    """The script is light, and comes with the pages that use it alone: those that hold `mark`."""
    size = (site / script).stat().st_size
    found = [f"{script}: {size} bytes, at most {most}"] if size > most else []
    for name in text_pages(site):
        text = (site / name).read_text(encoding="utf-8")
        if (f'{script}"></script>' in text) != (mark in text):
            found.append(f"{name}: {'no ' if mark in text else ''}{script}")
    return found

"""Pages printed by headless Chromium, each into a PDF of its own that goes on counting where the last one stopped.

A page is served from a name that no network knows, so that nothing in a PDF can lead to this machine; whatever else a
page asks for is refused.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pypdf import PdfReader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ADDRESS = "http://copy.invalid/"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
STYLE = Path(__file__).with_name("print.css")
TEXT_WIDTH_PX = 658  # A4 less the margins of print.css, 174 mm, at 96 pixels to the inch

# What is folded is opened; what another page links to gets a link on this page, since Chromium gives only such places a
# name in the PDF. They are not shown.
PREPARE = """(anchors) => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const links = document.createElement("div");
  links.hidden = true;
  for (const anchor of anchors) {
    const link = links.appendChild(document.createElement("a"));
    link.setAttribute("href", "#" + anchor);
  }
  document.body.append(links);
}"""
# Text and figures that reach out of the page, or out of a box that scrolls, where paper would cut them.
CUT = """() => {
  const right = document.body.getBoundingClientRect().right + 1;
  const inFigure = (element) => element.parentElement.closest("svg, math");
  return [...document.body.querySelectorAll("*")]
    .filter((element) => !inFigure(element) && element.getClientRects().length)
    .filter((element) => element.getBoundingClientRect().right > right
      || (element.clientWidth && element.scrollWidth > element.clientWidth + 1)
      || (getComputedStyle(element).overflowY !== "visible" && element.scrollHeight > element.clientHeight + 1))
    .map((element) => `<${element.localName} class="${element.getAttribute("class") || ""}"> `
      + element.textContent.trim().slice(0, 60));
}"""


class TooLarge(ValueError):
    """Something on a page does not fit the paper; the sentence names both."""


class Printer:
    """A browser's page and the folder with the copy's pages."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.made: dict[str, str] = {}  # pages that are in no folder, by name
        page.set_viewport_size({"width": TEXT_WIDTH_PX, "height": 900})
        page.emulate_media(media="print", color_scheme="light")
        page.route("**", self.answer)

    def answer(self, route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS).partition("#")[0]
        if name in self.made:
            route.fulfill(body=self.made[name], content_type="application/xhtml+xml; charset=utf-8")
        elif route.request.url.startswith(ADDRESS) and (self.folder / name).is_file():
            route.fulfill(path=self.folder / name)
        else:
            route.abort()

    def print(self, name: str, title: str, before: int, anchors: set[str]) -> PdfReader:
        """The page as PDF: numbered from `before` + 1, with its title at the foot, and with names for `anchors`.

        TooLarge if the paper would cut something.
        """
        self.page.goto(ADDRESS + name)
        footer = f"@page {{ @bottom-left {{ content: {json.dumps(title, ensure_ascii=False)} }} }}" if title else ""
        counted = f"html {{ counter-reset: page {before} }}"
        self.page.add_style_tag(content=f"{STYLE.read_text(encoding='utf-8')}\n{footer}\n{counted}")
        self.page.evaluate(PREPARE, sorted(anchors))
        if found := self.page.evaluate(CUT):
            raise TooLarge(f"{name}: larger than the paper, which would cut it: {found[0]}")
        printed = self.page.pdf(prefer_css_page_size=True, print_background=True, tagged=False, outline=False)
        return PdfReader(io.BytesIO(printed))


@contextmanager
def printer(chromium: str, folder: Path) -> Iterator[Printer]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            yield Printer(browser.new_page(), folder)
        finally:
            browser.close()

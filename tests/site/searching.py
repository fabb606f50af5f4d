"""Asking the search page, and reading what it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from tests.site.browsing import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Page

RESULTS = "#search-results li a"
COMPLETE = """() => {  // the status says how many were found, and the list has as many, up to one screen of pages
  const said = document.querySelector("#search-status").textContent;
  const [pages, terms] = (said.match(/\\d+/g) ?? []).map(Number);
  const listed = document.querySelectorAll("#search-results > li").length;
  return said.includes("found") && listed === Math.min(pages, 10) + terms;
}"""
SEARCHED_MS = 10_000


def searched(tab: Tab, words: str, wait_ms: int = SEARCHED_MS) -> Page:
    """The search page, once it has said what it found."""
    page = tab.open(f"search.html?q={quote(words)}")
    page.wait_for_function(COMPLETE, timeout=wait_ms)
    return page


def found(page: Page, root: str) -> list[str]:
    """The pages that are linked, below the site's root."""
    links = [urlsplit(urljoin(page.url, link.get_attribute("href"))) for link in page.locator(RESULTS).all()]
    return [link.path.removeprefix("/") for link in links if link.netloc == urlsplit(root).netloc]

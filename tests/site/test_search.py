"""Does the search find a word, a phrase and a Chinese term, and say so when it finds nothing?"""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced
from tests.site.page_faults import page_faults
from tests.site.searching import RESULTS, SEARCHED_MS, found, searched


def text_of(path: Path) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8"))).split())


def heading(site: Path) -> str:
    """A heading of several words, from a chapter: a phrase that stands on one page."""
    page = (site / "exact_dot_product.html").read_text(encoding="utf-8")
    headings = [unescape(re.sub(r"<a.*?</a>|<[^>]*>", "", each)) for each in re.findall(r"<h2>(.*?)</h2>", page)]
    return next(each for each in headings if len(each.split()) >= 5 and each.replace(" ", "").isalpha())


def chinese_term(site: Path) -> str:
    """A term of the glossary, of four characters or more."""
    return max(re.findall(r"[\u4e00-\u9fff]{4,}", text_of(site / "glossary.html")), key=len)


def test_a_word_is_found(site: Path, fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    page = searched(tab, "saturation")
    names = found(page, tab.root)
    assert names and all("saturat" in text_of(site / name).lower() for name in names)
    assert is_announced(page, "#search-status") and page.inner_text("#search-status")
    assert not page_faults(tab), "with results on the page"


def test_a_phrase_is_found_where_it_stands(site: Path, fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    phrase = heading(site)
    names = found(searched(tab, f'"{phrase}"'), tab.root)
    assert "exact_dot_product.html" in names
    assert all(phrase.lower() in text_of(site / name).lower() for name in names), names


def test_words_in_another_order_are_no_phrase(site: Path, fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    backwards = " ".join(reversed(heading(site).split()))
    assert not found(searched(tab, f'"{backwards}"'), tab.root)


@pytest.mark.parametrize("part", [slice(None), slice(0, 2), slice(1, 3)], ids=["term", "its start", "its middle"])
def test_a_chinese_term_is_found(site: Path, fresh: Callable[..., Tab], part: slice) -> None:
    tab = fresh()
    assert "glossary.html" in found(searched(tab, chinese_term(site)[part]), tab.root)


def test_what_is_nowhere_is_not_found(fresh: Callable[..., Tab]) -> None:
    page = searched(fresh(), "qqzxv")
    assert not page.locator(RESULTS).count() and page.inner_text("#search-status")


def test_a_search_from_any_page_by_keyboard(fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    page = tab.open("notation.html")
    page.keyboard.press("Control+K")
    page.keyboard.type("saturation")
    page.keyboard.press("Enter")
    page.wait_for_selector(RESULTS, timeout=SEARCHED_MS)
    assert "search.html" in page.url

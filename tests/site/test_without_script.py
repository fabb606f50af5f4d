"""Can a page be read where script does not run?"""

from collections.abc import Iterator

import pytest

from tests.site.browsing import Tab, tab
from tests.site.finding import SITE, cells, predictions, text_pages
from tests.site.page_faults import anatomy, overflow

WORDS = 60  # of a page's text; the shortest has more


@pytest.fixture(scope="module")
def plain(browser: object, root: str) -> Iterator[Tab]:
    with tab(browser, root, java_script_enabled=False) as opened:
        yield opened


@pytest.mark.parametrize("text_page", text_pages(SITE))
def test_a_page_is_readable(plain: Tab, text_page: str) -> None:
    page = plain.open(text_page)
    assert len(page.inner_text("article.bd-article").split()) > WORDS
    found = overflow(plain) + anatomy(plain)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text_page", sorted({part.page for part in predictions(SITE)}))
def test_a_chapter_has_its_formulas_numbers_and_solutions(plain: Tab, text_page: str) -> None:
    page = plain.open(text_page)
    formulas = page.locator("article math")
    assert formulas.count() >= 3
    assert all(box and box["width"] > 5 for box in (formulas.nth(i).bounding_box() for i in range(3)))
    assert page.locator("article .kept:visible").count() >= 5
    for solution in page.locator(".solution").all():
        assert solution.locator("p:not(.admonition-title)").first.is_visible(), "a solution cannot be unfolded"


@pytest.mark.parametrize("cell", cells(SITE), ids=str)
def test_a_live_cell_shows_what_the_build_recorded(plain: Tab, cell: object) -> None:
    page = plain.open(cell.page)
    for part in (".live-verdict", ".live-summary", ".live-values"):
        assert page.inner_text(f"{cell.selector} {part}").strip()
    assert page.locator(f"{cell.selector} button:visible").count() == 0, "a button that does nothing"

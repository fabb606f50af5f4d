"""Does the first page that a reader opens, with the search beside it, weigh at most half a megabyte?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.finding import SITE, text_pages
from tests.site.searching import searched
from tests.site.weight import LIMIT_BYTES, too_heavy, weights


@pytest.fixture(scope="module")
def search_index(site: Path, views: dict[str, Tab]) -> dict[str, int]:
    """What one search fetches besides the page that it is made on."""
    tab = views["desktop"]
    assert searched(tab, "memory").locator("#search-results li a").count()
    index = {name: size for name, size in weights(site, tab).items() if "pagefind" in name}
    assert index, "a search fetches no index: look where it is now"
    return index


@pytest.mark.parametrize("text_page", text_pages(SITE))
def test_a_page_and_the_search_are_light(
    site: Path, fresh: Callable[..., Tab], search_index: dict[str, int], text_page: str
) -> None:
    tab = fresh()
    page = tab.open(text_page)
    page.wait_for_load_state("networkidle")
    parts = weights(site, tab)
    assert text_page in parts and len(parts) > 5, "what was fetched was not seen"
    if found := too_heavy(text_page, parts | search_index, LIMIT_BYTES):
        pytest.fail(found[0], pytrace=False)

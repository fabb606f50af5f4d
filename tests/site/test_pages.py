"""Is every page of the book sound on a desktop, on a phone and in the dark?"""

import pytest

from tests.site.browsing import VIEWS, Tab
from tests.site.page_faults import page_faults


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_sound(views: dict[str, Tab], name: str, view: str) -> None:
    views[view].open(name)
    if found := page_faults(views[view]):
        pytest.fail("\n".join([f"{name} ({view}):", *found]), pytrace=False)

"""Is every page of the book sound on a desktop, on a phone and in the dark?"""

import pytest

from tests.site.browsing import Tab
from tests.site.page_faults import page_faults, start_axe


def test_a_page_is_sound(views: dict[str, Tab], name: str) -> None:
    for tab in views.values():
        tab.open(name)
        start_axe(tab)
    if found := [f"{view}: {fault}" for view, tab in views.items() for fault in page_faults(tab)]:
        pytest.fail("\n".join([f"{name}:", *found]), pytrace=False)

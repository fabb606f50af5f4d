"""Do the colours follow the system, and the reader's own choice before it?"""

from collections.abc import Callable

from tests.site.browsing import Tab
from tests.site.by_keyboard import tab_to

SWITCH = "button.theme-switch-button"
GROUND = "getComputedStyle(document.body).backgroundColor"


def lightness(tab: Tab) -> float:
    """Of the page's ground, from 0 to 255."""
    numbers = tab.page.evaluate(GROUND).split("(")[1].rstrip(")").split(",")[:3]
    return sum(map(float, numbers)) / 3


def test_colours_follow_the_system(fresh: Callable[..., Tab]) -> None:
    for view, is_light in (("desktop", True), ("dark", False)):
        tab = fresh(view)
        tab.open("index.html")
        assert (lightness(tab) > 128) == is_light


def test_the_reader_can_choose_and_the_choice_is_kept(fresh: Callable[..., Tab]) -> None:
    tab = fresh("desktop")
    page = tab.open("notation.html")
    tab_to(page, SWITCH)
    for _ in range(3):  # light, dark, as the system
        if lightness(tab) < 128:
            break
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    assert lightness(tab) < 128
    tab.open("decisions.html")
    assert lightness(tab) < 128

"""Can recorded sessions be walked turn by turn: by keys and mouse, in each view, and read without script? And does
each of these trials find its fault, planted in a copy of the site?
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced
from tests.site.finding import SITE
from tests.site.page_faults import inaccessible, overflow
from tests.site.planting import IN_HEAD, before, planted
from tests.site.reading import dead_controls
from tests.site.walking import (
    CARD,
    SCRIPT,
    SCRIPT_BYTES,
    WALKER,
    choice_faults,
    key_faults,
    pages_with_sessions,
    script_faults,
)

PAGES = pages_with_sessions(SITE)
every_page = pytest.mark.parametrize("address", PAGES)


def test_there_are_sessions_to_walk_through() -> None:
    assert PAGES, "no page has recorded sessions: look what became of transcripts()"


@every_page
def test_a_session_can_be_walked_by_keys_alone(fresh: Callable[..., Tab], address: str) -> None:
    assert not key_faults(fresh().open(address))


@every_page
@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_each_session_can_be_chosen_and_the_page_stays_sound(
    fresh: Callable[..., Tab], address: str, view: str
) -> None:
    tab = fresh(view)
    page = tab.open(address)
    assert not choice_faults(page)
    assert not inaccessible(tab) + overflow(tab)


@every_page
def test_without_script_every_turn_can_be_read(fresh: Callable[..., Tab], address: str) -> None:
    page = fresh(java_script_enabled=False).open(address)
    box = page.locator(".transcripts").first
    assert not dead_controls(box) and not page.locator(WALKER).count()
    for fold in box.locator("details.transcript").all():
        assert fold.locator("tbody tr").last.is_visible()  # a page is opened here with its folds open
    fold = box.locator("summary").first
    fold.press("Enter")
    assert not box.locator("tbody tr").first.is_visible()


@every_page
def test_on_paper_there_are_the_unfolded_sessions_alone(fresh: Callable[..., Tab], address: str) -> None:
    page = fresh().open(address)
    page.emulate_media(media="print")
    assert not page.locator(f"{WALKER} button:visible").count()
    assert page.locator("details.transcript[open] table").first.is_visible()


def test_the_script_is_light_and_comes_only_where_it_is_used(site: Path) -> None:
    assert not script_faults(site)


IN_KEYS = {
    "a step too many": (("go(here + 1))", "go(here + 2))"), "Forward: turn"),
    "a step back that leads on": (("go(here - 1))", "go(here + 1))"), "Back at the first"),
    "another turn's words": (("cells[index].childNodes", "rows[0].cells[index + 1].childNodes"), "shows"),
    "an arrow that does nothing": (("ArrowLeft: here - 1", "ArrowUp: here - 1"), "ArrowLeft:"),
    "a turn that nobody is told of": (("rows[here].setAttribute", "rows[0].setAttribute"), "are current"),
    "a mark that is not left": (("index > here && row", "index >= here && row"), "Next marked turn"),
    "an end that wraps round": (("if (to < 0 || to >= rows.length) return;", "to = (to + rows.length) % rows.length;"),
                               "Back at the first"),
}


@pytest.mark.parametrize("fault", IN_KEYS)
def test_a_fault_in_walking_is_found(opened: Callable[..., Tab], copy: Path, fault: str) -> None:
    change, words = IN_KEYS[fault]
    with planted(copy / SCRIPT, change):
        assert words in " ".join(key_faults(opened().open(PAGES[0])))


def test_a_choice_that_does_not_begin_anew_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    assert not choice_faults(opened().open(PAGES[0]))
    with planted(copy / SCRIPT, ("folds[choice.value]", "folds[0]")):
        assert "shows" in " ".join(choice_faults(opened().open(PAGES[0])))


def test_a_card_that_nobody_hears_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    assert is_announced(opened().open(PAGES[0]), CARD)
    with planted(copy / SCRIPT, ('card.setAttribute("role", "status");', "")):
        assert not is_announced(opened().open(PAGES[0]), CARD)


def test_a_focus_that_is_not_seen_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    hidden = f"<style>{WALKER} * {{outline: none !important; box-shadow: none !important}}</style>"
    with planted(copy / PAGES[0], before(IN_HEAD, hidden)):
        assert "looks the same with focus" in " ".join(key_faults(opened().open(PAGES[0])))


def test_a_script_too_heavy_missing_or_loaded_for_nothing_is_found(copy: Path) -> None:
    with planted(copy / SCRIPT, ("(() =>", "//" + "x" * SCRIPT_BYTES + "\n(() =>")):
        assert "bytes, at most" in script_faults(copy)[0]
    with planted(copy / PAGES[0], (SCRIPT, "absent.js")):
        assert script_faults(copy) == [f"{PAGES[0]}: no {SCRIPT}"]
    with planted(copy / "notation.html", before(IN_HEAD, f'<script defer src="{SCRIPT}"></script>')):
        assert script_faults(copy) == [f"notation.html: {SCRIPT}"]

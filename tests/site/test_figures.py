"""Can values be read off every figure that offers it: by keys, mouse and touch, in each view, and without script?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.finding import SITE, Explored, explored
from tests.site.link_faults import link_faults
from tests.site.page_faults import inaccessible, overflow
from tests.site.planting import IN_TEXT, before, planted
from tests.site.reading import (
    HERE,
    OUTPUT,
    SCRIPT,
    SLIDER,
    TICKS,
    at_row,
    dead_controls,
    figure_of,
    key_faults,
    pointed_at,
    reads,
    script_faults,
    toggle_faults,
)

LONGEST_TABLE = 400  # px: a longer one scrolls
every_figure = pytest.mark.parametrize("part", explored(SITE), ids=str)


def test_there_are_figures_to_read() -> None:
    assert explored(SITE), "no page has a figure to read values off: look what became of explore()"


@every_figure
def test_arrow_keys_read_out_what_the_table_has(fresh: Callable[..., Tab], part: Explored) -> None:
    assert not key_faults(fresh().open(part.page), part)


@pytest.mark.parametrize("address", sorted({part.page for part in explored(SITE)}))
@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_a_page_is_sound_with_cursors_and_readouts_too(fresh: Callable[..., Tab], address: str, view: str) -> None:
    tab = fresh(view)
    page = tab.open(address)
    for part in explored(SITE):
        if part.page == address:
            figure = figure_of(page, part)
            page.locator(SLIDER).press("End")
            assert not at_row(page, figure, len(figure.rows) - 1)
    assert not inaccessible(tab) + overflow(tab)


@every_figure
def test_each_line_can_be_taken_away_by_keys(fresh: Callable[..., Tab], part: Explored) -> None:
    assert not toggle_faults(fresh().open(part.page), part)


@every_figure
def test_the_mouse_reads_the_nearest_point(fresh: Callable[..., Tab], part: Explored) -> None:
    page = fresh().open(part.page)
    figure = figure_of(page, part)
    for row in (0, len(figure.rows) // 2, len(figure.rows) - 1):
        page.mouse.move(*pointed_at(page, part, row))
        assert not at_row(page, figure, row)


@every_figure
def test_a_tap_reads_and_the_cursor_is_kept_in_sight(fresh: Callable[..., Tab], part: Explored) -> None:
    page = fresh("phone", has_touch=True).open(part.page)
    figure = figure_of(page, part)
    page.touchscreen.tap(*pointed_at(page, part, 0))
    assert not at_row(page, figure, 0)
    page.locator(SLIDER).press("End")
    assert not at_row(page, figure, len(figure.rows) - 1)
    line, box = page.locator(f"{HERE} .explore-cursor line"), page.locator(f"{HERE} figure .wide")
    edge = box.bounding_box()
    assert edge["x"] <= line.bounding_box()["x"] <= edge["x"] + edge["width"]


@every_figure
def test_a_key_held_down_is_read_out_where_it_rests(fresh: Callable[..., Tab], part: Explored) -> None:
    tab = fresh()
    tab.page.clock.install()
    page = tab.open(part.page)
    figure = figure_of(page, part)
    page.locator(SLIDER).focus()
    page.clock.run_for(1_000)
    page.clock.pause_at(page.evaluate("Date.now()") + 1_000)
    before = page.locator(OUTPUT).text_content()
    steps = min(3, len(figure.rows) - 1)
    for _ in range(steps):
        page.keyboard.press("ArrowRight")
    assert page.locator(OUTPUT).text_content() == before == figure.reading(0)
    page.clock.run_for(1_000)
    assert page.locator(OUTPUT).text_content() == figure.reading(steps)


@every_figure
def test_without_script_there_are_the_figure_and_its_values(fresh: Callable[..., Tab], part: Explored) -> None:
    page = fresh(java_script_enabled=False).open(part.page)
    box = page.locator(".explore").nth(part.number)
    assert box.locator("svg").is_visible() and not dead_controls(box)
    fold, values = box.locator("summary"), box.locator(".values tbody td").first
    fold.press("Enter")  # a page is opened here with its folds open
    assert not values.is_visible()
    fold.press("Enter")
    assert values.is_visible()
    assert box.locator(".values .wide").bounding_box()["height"] < LONGEST_TABLE


@every_figure
def test_on_paper_there_is_the_figure_alone(fresh: Callable[..., Tab], part: Explored) -> None:
    page = fresh().open(part.page)
    box = page.locator(".explore").nth(part.number)
    box.locator("summary").press("Enter")
    page.emulate_media(media="print")
    assert box.locator("svg").is_visible() and box.locator("figcaption").is_visible()
    assert not box.locator("input:visible, output:visible, summary:visible").count()


TOGETHER = {  # what no page of the book need have: the same names, points that lines do not share, one line, one point
    "Shared.": {"a": [(1, 1), (2, 4), (3, 9)], "b": [(1, 2), (2, 3), (3, 5)]},
    "Apart.": {"a": [(1, 10), (7, 40)], "b": [(2, 20), (3, 30), (100, 5)]},
    "Alone.": {"a": [(number, number**0.5) for number in range(500)]},
    "A point.": {"a": [(1, 1)]},
}


@pytest.fixture
def together(copy: Path) -> Iterator[str]:
    """A page with several figures."""
    from zhenwu.chapter import axes, explore

    html = f'<script defer src="{SCRIPT}"></script>'
    for caption, lines in TOGETHER.items():
        drawn, place = axes()
        for name, points in lines.items():
            place.plot(*zip(*points, strict=True), "o-", label=name)
        html += explore(drawn, caption, "Lines with a mark at each of their points.", "step", "CK", lines).html
    with planted(copy / "notation.html", before(IN_TEXT, html)):
        yield "notation.html"


@pytest.mark.parametrize("number", range(len(TOGETHER)))
def test_figures_of_any_kind_can_be_read(opened: Callable[..., Tab], together: str, number: int) -> None:
    tab, part = opened(), Explored(together, number)
    assert not key_faults(tab.open(together), part) + toggle_faults(tab.open(together), part)


def test_several_figures_on_a_page_keep_apart(opened: Callable[..., Tab], together: str) -> None:
    page = opened().open(together)
    figure_of(page, Explored(together, 1))
    page.locator(SLIDER).press("End")
    page.locator(TICKS).first.uncheck()
    hidden = page.locator(".explore").evaluate_all(
        "all => all.map(each => [...each.querySelectorAll('[data-line]')].some(part => part.style.display === 'none'))"
    )
    assert hidden == [False, True, False, False]
    assert page.locator(".explore-cursor line").count() == page.locator(f"{HERE} .explore-cursor line").count() == 1


def test_figures_of_the_same_lines_repeat_no_id(copy: Path, together: str) -> None:
    assert not [fault for fault in link_faults(copy) if fault.startswith(together)]


def test_what_no_line_in_sight_has_is_passed_over(opened: Callable[..., Tab], together: str) -> None:
    page = opened().open(together)
    figure_of(page, Explored(together, 1))
    page.locator(TICKS).last.uncheck()
    slider = page.locator(SLIDER)
    slider.press("Home")
    assert not reads(page, "step: 1; a: 10 (CK)")
    slider.press("ArrowRight")
    assert not reads(page, "step: 7; a: 40 (CK)")
    page.locator(TICKS).last.check()
    slider.press("ArrowRight")
    assert not reads(page, "step: 100; b: 5 (CK)")


def test_the_script_is_light_and_comes_only_where_it_is_used(site: Path) -> None:
    assert not script_faults(site)

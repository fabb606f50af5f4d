"""Can values be read off every figure that offers it: by keys, mouse and touch, in each view, and without script?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.finding import SITE, Explored, explored
from tests.site.page_faults import inaccessible, overflow
from tests.site.reading import (
    HERE,
    OUTPUT,
    SLIDER,
    at_row,
    dead_controls,
    figure_of,
    key_faults,
    pointed_at,
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


@every_figure
@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_a_page_is_sound_with_a_cursor_and_a_readout_too(fresh: Callable[..., Tab], part: Explored, view: str) -> None:
    tab = fresh(view)
    page = tab.open(part.page)
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


def test_the_script_is_light_and_comes_only_where_it_is_used(site: Path) -> None:
    assert not script_faults(site)

"""Can a reader predict, see the prediction beside the result, and have an answer graded, by keyboard alone?"""

from collections.abc import Callable

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced, shows_focus, skip_the_menu, tab_to
from tests.site.finding import SITE, Part, answers, predictions
from tests.site.grading import choose, grading_faults
from tests.site.page_faults import page_faults

PREDICTIONS, ANSWERS = predictions(SITE), answers(SITE)
FIELD = "input, select"


def test_the_book_asks_for_predictions_and_answers() -> None:
    """So that none of the tests below passes for want of a form."""
    assert len(PREDICTIONS) >= 3 and len(ANSWERS) >= 3


@pytest.mark.parametrize("part", PREDICTIONS, ids=str)
def test_a_prediction_stands_beside_its_result(fresh: Callable[..., Tab], part: Part) -> None:
    tab = fresh()
    page = tab.open(part.page)
    form, revealed = f"form{part.selector}", f"p.revealed{part.selector}"
    before = page.inner_text(revealed)
    if page.locator(f"{form} select").count():
        said = choose(page, form, lambda choice: True)
    else:
        said = "7"
        page.fill(f"{form} input", said)
    page.click(f"{form} button")
    assert said in page.inner_text(f"{form} output") and is_announced(page, f"{form} output")
    after, result = page.inner_text(revealed), page.get_attribute(revealed, "data-result")
    assert after != before and f"You said {said}" in after and result in after
    tab.open(part.page)
    assert page.inner_text(revealed) == after, "not kept when the page was loaded again"


def test_a_prediction_that_is_no_number_is_refused_in_words(fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    numeric = [part for part in PREDICTIONS if part["data-unit"]]
    page = tab.open(numeric[0].page)
    form, revealed = f"form{numeric[0].selector}", f"p.revealed{numeric[0].selector}"
    before = page.inner_text(revealed)
    for text in ("", "many", "1e999"):
        page.fill(f"{form} input", text)
        page.click(f"{form} button")
        assert "number" in page.inner_text(f"{form} output") and page.inner_text(revealed) == before


@pytest.mark.parametrize(
    "ratio, words", [(1, "exactly"), (2, "a factor of 2 too large"), (0.5, "a factor of 2 too small")]
)
def test_a_prediction_is_judged_by_its_ratio(fresh: Callable[..., Tab], ratio: float, words: str) -> None:
    tab = fresh()
    for part in (part for part in PREDICTIONS if part["data-unit"]):
        page = tab.open(part.page)
        if result := float(page.get_attribute(f"p.revealed{part.selector}", "data-value")):
            break  # of zero nothing is a ratio
    page.fill(f"form{part.selector} input", str(result * ratio))
    page.click(f"form{part.selector} button")
    assert words in page.inner_text(f"p.revealed{part.selector}")


def test_a_prediction_by_keyboard_alone(fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    part = next(part for part in PREDICTIONS if part["data-unit"])
    page = tab.open(part.page)
    skip_the_menu(page)
    tab_to(page, f"form{part.selector} input")
    assert shows_focus(page)
    page.keyboard.type("123")
    page.keyboard.press("Enter")
    assert "123" in page.inner_text(f"form{part.selector} output")
    assert "You said 123" in page.inner_text(f"p.revealed{part.selector}")
    assert not page_faults(tab), "after the prediction was answered"


@pytest.mark.parametrize("asking", sorted({part.page for part in ANSWERS}))
def test_answers_are_graded(fresh: Callable[..., Tab], asking: str) -> None:
    page = fresh().open(asking)
    assert not [fault for part in ANSWERS if part.page == asking for fault in grading_faults(page, part)]


def test_an_answer_by_keyboard_alone(fresh: Callable[..., Tab]) -> None:
    tab = fresh()
    part = ANSWERS[0]
    page = tab.open(part.page)
    skip_the_menu(page)
    tab_to(page, f"form{part.selector} :is({FIELD})")
    page.keyboard.type(part["data-answer"])
    tab_to(page, f"form{part.selector} button")
    assert shows_focus(page)
    page.keyboard.press("Enter")
    assert page.inner_text(f"form{part.selector} output") == "Right."
    assert not page_faults(tab), "after an answer was graded"

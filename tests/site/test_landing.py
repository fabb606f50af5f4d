"""Does the landing page show, for each choice, what the build worked out, and judge what was predicted?"""

import gzip
import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.site.browsing import Tab
from tests.site.by_keyboard import is_announced, shows_focus, skip_the_menu, tab_to
from tests.site.page_faults import page_faults
from zhenwu.chapter.session_cases import FIRST, landing_data, slots
from zhenwu.spec.agent_session import SESSIONS
from zhenwu.spec.chips import CHIPS
from zhenwu.spec.models import MODELS
from zhenwu.spec.results import load
from zhenwu.spec.storage import WEIGHT_BITS

PAGE = "index.html"
SAID, ANSWER = ".landing-said", "#landing-answer"
SESSIONS_FIELD, SURVIVAL_FIELD = "#landing-sessions", "#landing-survival"
LIMIT_BYTES = 30_000  # of the page with its script, compressed
EVERY_CHOICE = """(choices) => choices.map((choice) => {
  const form = document.getElementById("landing");
  for (const [name, value] of Object.entries(choice)) form.elements[name].value = value;
  form.elements.chip.dispatchEvent(new Event("change", { bubbles: true }));
  form.querySelector(".landing-skip").click();
  const places = [...document.querySelectorAll("#landing-answer [data-slot]")];
  const kinds = [...document.querySelectorAll("#landing-answer [data-kind]")];
  return { slots: Object.fromEntries(places.map((place) => [place.dataset.slot, place.textContent])),
           kinds: Object.fromEntries(kinds.map((place) => [place.dataset.kind, place.textContent])) };
})"""


def plain(text: str) -> str:
    """A text as it reads, its links without their addresses."""
    return re.sub(r"\[(.*?)\]\((\S+) \w+\)", lambda found: found[1] or found[2], text)


def test_the_script_shows_for_each_choice_what_the_build_worked_out(fresh: Callable[..., Tab]) -> None:
    data = landing_data(load())
    choices = list(product(CHIPS, MODELS, WEIGHT_BITS, SESSIONS))
    asked = [
        {"chip": chip.key, "model": model.key, "format": form, "session": session.key}
        for chip, model, form, session in choices
    ]
    shown = fresh().open(PAGE).evaluate(EVERY_CHOICE, asked)
    assert len(shown) == len(choices) > 500
    for choice, seen in zip(choices, shown, strict=True):
        wanted = slots(data, *choice)
        kinds = {name.removesuffix("-kind"): kind for name, kind in wanted.items() if name.endswith("-kind")}
        texts = {name: plain(text) for name, text in wanted.items() if not name.endswith("-kind")}
        assert {name: seen["slots"][name] for name in texts} == texts
        assert {name: seen["kinds"][name] for name in kinds} == kinds


def per_chip() -> str:
    return slots(landing_data(load()), *FIRST)["chip-result"]


@pytest.mark.parametrize(
    ("ratio", "words"), [(1, "exactly"), (2, "a factor of 2 too large"), (0.5, "a factor of 2 too small")]
)
def test_a_prediction_is_judged_by_its_ratio_and_kept(fresh: Callable[..., Tab], ratio: float, words: str) -> None:
    tab = fresh()
    page = tab.open(PAGE)
    assert page.locator(ANSWER).is_hidden()
    said = f"{float(per_chip()) * ratio:g}"
    page.fill(SESSIONS_FIELD, said)
    page.click("#landing button[type=submit]")
    assert page.inner_text(SAID) == f"You said {said}, it is {per_chip()}: {words}." and is_announced(page, SAID)
    assert page.locator(ANSWER).is_visible()
    tab.open(PAGE)
    assert page.input_value(SESSIONS_FIELD) == said and page.locator(ANSWER).is_visible()
    page.select_option("#landing-format", "BF16")
    assert page.locator(ANSWER).is_hidden() and page.input_value(SESSIONS_FIELD) == page.inner_text(SAID) == ""
    tab.open("predictions.html")
    listed = page.inner_text("#predictions")
    assert per_chip() in listed and "MXFP4, 35 hours, Zhenwu M890" in listed


def test_a_survival_is_judged_once_there_is_one(fresh: Callable[..., Tab]) -> None:
    """Until then it is kept, and the page says that nobody measured it."""
    tab = fresh()
    measured: dict[str, list] = {}

    def fill(route: object) -> None:
        """The page with other results than it was built with."""
        response, known = route.fetch(), f'"survival":{json.dumps(measured)},"rate"'
        body, times = re.subn(r'"survival":\{.*?\},"rate"', lambda _: known, response.text())
        assert times == 1
        route.fulfill(response=response, body=body)

    tab.page.route(f"**/{PAGE}", fill)
    page = tab.open(PAGE)
    page.fill(SESSIONS_FIELD, "5")
    page.fill(SURVIVAL_FIELD, "45")
    page.press(SURVIVAL_FIELD, "Enter")
    assert "You said 45 of a hundred end well: not yet measured." in page.inner_text(SAID)
    measured["MXFP4 35h"] = ["90.0 % (85.0 to 94.0 %), measured", 90]
    tab.open(PAGE)
    assert "You said 45, it is 90.0 % (85.0 to 94.0 %), measured: a factor of 2 too small." in page.inner_text(SAID)
    assert "sessions that end well: 90.0 %" in page.inner_text(ANSWER)


@pytest.mark.parametrize(
    ("sessions", "survival", "wanted"),
    [
        ("", "", "0 or more"), ("many", "", "0 or more"), ("-5", "", "0 or more"), ("2,5", "", "0 or more"),
        ("5", "most", "from 0 to 100"), ("5", "120", "from 0 to 100"), ("5", "-1", "from 0 to 100"),
    ],
)
def test_what_is_no_such_number_is_refused_in_words(
    fresh: Callable[..., Tab], sessions: str, survival: str, wanted: str
) -> None:
    page = fresh().open(PAGE)
    page.fill(SESSIONS_FIELD, sessions)
    page.fill(SURVIVAL_FIELD, survival)
    page.press(SURVIVAL_FIELD, "Enter")
    assert page.inner_text(SAID).startswith("Please type a number") and wanted in page.inner_text(SAID)
    assert page.locator(ANSWER).is_hidden()


def test_who_makes_no_prediction_sees_every_answer(fresh: Callable[..., Tab]) -> None:
    page = fresh().open(PAGE)
    page.click("#landing .landing-skip")
    assert page.locator(ANSWER).is_visible()
    page.select_option("#landing-format", "BF16")
    assert page.locator(ANSWER).is_visible() and "BF16" in page.inner_text(ANSWER)


@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_by_keyboard_alone_and_without_a_fault_after_it(fresh: Callable[..., Tab], view: str) -> None:
    tab = fresh(view)
    page = tab.open(PAGE)
    skip_the_menu(page)
    tab_to(page, SESSIONS_FIELD)
    assert shows_focus(page)
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    assert "You said 10" in page.inner_text(SAID) and page.locator(ANSWER).is_visible()
    assert not page_faults(tab)


def test_the_page_is_light(site: Path) -> None:
    weight = sum(len(gzip.compress((site / name).read_bytes())) for name in (PAGE, "landing.js"))
    assert weight < LIMIT_BYTES

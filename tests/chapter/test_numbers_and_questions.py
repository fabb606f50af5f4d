"""Numbers that a page quotes, and questions that it asks."""

import json
import re
from html import unescape

import pytest

from zhenwu.chapter import numbers, questions
from zhenwu.chapter.show import written
from zhenwu.spec import m890
from zhenwu.spec.sourced import KINDS


@pytest.fixture
def shown(monkeypatch):
    """The HTML that a cell displays."""
    displayed = []
    monkeypatch.setattr(numbers, "show", lambda html: displayed.append(html.html))
    monkeypatch.setattr(questions, "predictions", {})
    monkeypatch.setattr(numbers, "predictions", questions.predictions)
    return displayed


def test_a_number_is_kept_as_a_line_that_the_page_can_read(shown):
    numbers.keep("dot", -1310, "simulated", "mx_dot <in> MyHDL", "quarters")
    (line,) = shown
    assert 'id="kept-dot"' in line and "\N{MINUS SIGN}1,310&nbsp;quarters" in line and "mx_dot &lt;in&gt; MyHDL" in line
    assert json.loads(unescape(re.search(r'data-number="([^"]*)"', line)[1])) == {
        "name": "dot", "value": -1310, "text": "\N{MINUS SIGN}1,310", "unit": "quarters", "kind": "simulated",
        "source": "mx_dot <in> MyHDL", "key": "",
    }


def test_a_text_is_shown_as_it_is_and_never_as_html(shown):
    numbers.keep("sure", "2 (1 to 3), p < 0.001", "measured", "ours")
    assert "</code> = 2 (1 to 3), p &lt; 0.001, <span" in shown[0]


def test_a_sourced_number_brings_kind_unit_source_and_key(shown):
    numbers.keep("capacity", m890.MEMORY_CAPACITY)
    fact, (line,) = m890.MEMORY_CAPACITY, shown
    number = json.loads(unescape(re.search(r'data-number="([^"]*)"', line)[1]))
    assert number["value"] == fact.value and number["unit"] == fact.unit and number["kind"] == fact.kind
    assert number["key"] == fact.key and number["source"] == fact.source[0].title


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("dot", 1), "has kind"),
        (("dot", 1, "guessed", "me"), "has kind"),
        (("dot", 1, "derived"), "names no source"),
        (("Dot", 1, "derived", "x"), "lower-case identifier"),
        (("rate", m890.HBM_BANDWIDTH), "has kind"),
    ],
)
def test_a_number_without_name_kind_or_source_is_refused(shown, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        numbers.keep(*arguments)
    assert shown == []


def test_every_kind_of_spec_but_unknown_is_a_badge():
    assert set(numbers.BADGES) == set(KINDS) - {"unknown"} | {"simulated"}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(4608, "", "4,608"), (0.095, ".1%", "9.5%"), (-5, "", "\N{MINUS SIGN}5"), ("E2M1", "", "E2M1")]
)
def test_numbers_are_written_as_a_reader_expects(value, form, text):
    assert written(value, form) == text


def test_a_notebook_shows_a_prediction_beside_its_result(shown):
    assert str(questions.predict("most", 700)) == "Kept: 700."
    numbers.keep("most", 940, "simulated", "x", "quarters")
    assert "You said 700, it is 940 quarters: a factor of 1.34 too small." in shown[-1]


def test_without_a_prediction_nothing_is_added(shown):
    questions.predict("most", 700)
    questions.predict("most", None)
    numbers.keep("most", 940, "simulated", "x")
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("said", "value", "words"),
    [
        (940, 940, "exactly"),
        (94, 940, "a factor of 10 too small"),
        (2000, 1000, "a factor of 2 too large"),
        (-2000, -1000, "a factor of 2 too large"),
        (0, 5, "no factor leads from one to the other"),
        (-1, 1, "no factor leads from one to the other"),
        ("HBM", "compute", "not the same"),
        ("HBM", "HBM", "exactly"),
        (3, "HBM", "not the same"),
    ],
)
def test_numbers_are_judged_by_their_ratio(said, value, words):
    assert questions.judged(said, value) == words


@pytest.mark.parametrize(("guess", "verdict"), [("HBM", "Right."), ("compute", "Not compute.")])
def test_a_choice_may_be_an_answer(shown, guess, verdict):
    box = questions.ask("limit", "Who?", guess=guess, answer="HBM", choices=("compute", "HBM"))
    assert verdict in box.html and 'data-answer="HBM"' in box.html
    assert "<option>compute</option><option>HBM</option></select>" in box.html and "<input" not in box.html


def test_a_guess_that_is_no_choice_is_refused(shown):
    with pytest.raises(ValueError, match="guess = 'me': expected one of compute, HBM"):
        questions.ask("limit", "Who?", guess="me", answer="HBM", choices=("compute", "HBM"))


@pytest.mark.parametrize(("guess", "verdict"), [(70, "Right."), (69, "69 is too small."), (71, "71 is too large.")])
def test_an_answer_is_marked_at_once(shown, guess, verdict):
    box = questions.ask("e5m2", "How wide?", "wires", guess=guess, answer=70)
    assert verdict in box.html and 'data-answer="70"' in box.html and str(box).endswith(verdict)
    numbers.keep("e5m2", 70, "derived", "x")
    assert len(shown) == 1  # an exercise is no prediction: nothing is revealed

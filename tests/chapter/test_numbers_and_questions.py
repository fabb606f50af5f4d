"""Numbers that a page quotes, and questions that it asks."""

import pytest

from zhenwu.chapter import numbers, questions
from zhenwu.chapter.show import written
from zhenwu.spec import m890
from zhenwu.spec.sourced import KINDS


@pytest.fixture
def shown(monkeypatch):
    """What a cell displays: the HTML, and by which name the text can ask for it."""
    displayed = []

    def show(html, metadata=None, prefix=""):
        displayed.append((html.html, (metadata or {}).get("scrapbook", {}).get("name")))

    monkeypatch.setattr(numbers, "show", show)
    monkeypatch.setattr(questions, "predictions", {})
    monkeypatch.setattr(numbers, "predictions", questions.predictions)
    return displayed


def test_a_number_is_kept_with_its_badge_without_and_as_a_line(shown):
    numbers.keep("dot", -1310, "simulated", "mx_dot <in> MyHDL", "quarters")
    (badged, name), (bare, bare_name), (line, nameless) = shown
    assert (name, bare_name, nameless) == ("dot", "bare_dot", None)
    assert "\N{MINUS SIGN}1,310&nbsp;quarters" in badged and 'href="#kept-dot"' in badged
    assert "simulated" in badged and "simulated" not in bare
    assert 'id="kept-dot"' in line and "mx_dot &lt;in&gt; MyHDL" in line


def test_a_sourced_number_brings_kind_unit_and_address(shown):
    numbers.keep("capacity", m890.MEMORY_CAPACITY)
    fact = m890.MEMORY_CAPACITY
    assert f"{fact.value}&nbsp;{fact.unit}" in shown[0][0] and fact.kind in shown[0][0]
    assert f'href="{fact.source[0].url}"' in shown[0][0]


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


def test_a_prediction_stands_beside_its_result(shown):
    questions.ask("most", "How large?", "quarters", guess=700)
    numbers.keep("most", 940, "simulated", "x", "quarters")
    assert "You predicted 700 quarters" in shown[-1][0] and "The result is 940 quarters" in shown[-1][0]


def test_without_a_prediction_the_page_says_so(shown):
    questions.ask("most", "How large?")
    numbers.keep("most", 940, "simulated", "x")
    assert "No prediction kept" in shown[-1][0]


def test_a_choice_may_be_predicted_too(shown):
    box = questions.ask("limit", "Who?", guess="HBM", choices=("compute", "HBM"))
    assert "<option>compute</option><option>HBM</option></select>" in box.html and "<input" not in box.html
    assert str(box) == "Predict. Who? (compute, HBM) Kept: HBM."
    numbers.keep("limit", "compute", "simulated", "x")
    assert "You predicted HBM" in shown[-1][0] and "The result is compute" in shown[-1][0]


@pytest.mark.parametrize(("guess", "verdict"), [("HBM", "Right."), ("compute", "Not compute.")])
def test_a_choice_may_be_an_answer(shown, guess, verdict):
    box = questions.ask("limit", "Who?", guess=guess, answer="HBM", choices=("compute", "HBM"))
    assert verdict in box.html and 'data-answer="HBM"' in box.html


def test_a_guess_that_is_no_choice_is_refused(shown):
    with pytest.raises(ValueError, match="guess = 'me': expected one of compute, HBM"):
        questions.ask("limit", "Who?", guess="me", choices=("compute", "HBM"))


@pytest.mark.parametrize(("guess", "verdict"), [(70, "Right."), (69, "69 is too small."), (71, "71 is too large.")])
def test_an_answer_is_marked_at_once(shown, guess, verdict):
    box = questions.ask("e5m2", "How wide?", "wires", guess=guess, answer=70)
    assert verdict in box.html and 'data-answer="70"' in box.html and str(box).endswith(verdict)
    numbers.keep("e5m2", 70, "derived", "x")
    assert len(shown) == 3  # an exercise is no prediction: nothing is revealed

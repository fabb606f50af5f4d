"""An exercise checked in a page or a notebook: right, or the first shown case in which it is not."""

import pytest

from zhenwu.chapter import check
from zhenwu.exercises import find, given


def transfers(valid, ready):
    return sum(one & other for one, other in zip(valid, ready, strict=True))


def test_a_right_answer_is_said_to_be_right():
    assert str(check("ex-through", transfers)) == "Who gets through?: right. 2 of 2 cases agree."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda valid, ready: sum(valid), "Case 1 of 2: expected 2, got 3"),
        (lambda valid, ready: 1 / 0, "Case 1 of 2 raised ZeroDivisionError: division by zero"),
        (lambda valid, ready: "2", "Case 1 of 2: expected 2, got '2'"),
        (lambda valid, ready: range(10**9), "got range(0, 1000000000)"),
        (5, "Case 1 of 2 raised TypeError: 'int' object is not callable"),
        (lambda valid, ready: None, "There is no answer yet; transfers is as it was given, or gives None"),
        (None, "There is no answer yet"),
    ],
)
def test_a_wrong_answer_is_told_where(answer, reason):
    verdict = str(check("ex-through", answer))
    assert "not yet" in verdict and reason in verdict


def test_an_answer_that_cannot_even_be_written_is_wrong():
    class Unspeakable:
        def __repr__(self):
            raise RuntimeError

    assert "not yet" in str(check("ex-through", lambda valid, ready: Unspeakable()))


def test_only_shown_cases_are_tried():
    seen = []
    check("ex-through", lambda valid, ready: seen.append((valid, ready)) or transfers(valid, ready))
    assert seen == list(find("ex-through").shown)


def test_while_a_notebook_is_graded_no_answer_is_run(monkeypatch):
    monkeypatch.setattr(given, "graded", True)
    assert str(check("ex-through", lambda valid, ready: pytest.fail("was run"))) == ""


def test_an_unknown_label_is_named():
    with pytest.raises(ValueError, match="exercise ex-none: there is no such label; expected one of "):
        check("ex-none", transfers)

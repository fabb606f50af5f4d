"""Judging an answer: what counts as equal, and what an answer may do to its arguments, to names, and to the judge."""

import enum
import random
from decimal import Decimal
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from zhenwu import exercises
from zhenwu.exercises.exercise import Exercise, first_difference, hint_of, is_open, same
from zhenwu.exercises.judge import OPEN, RIGHT, WRONG, verdict

DOUBLE = Exercise(
    "ex", "Double", "double", lambda values: [2 * each for each in values], shown=[([1, 2],)],
    hidden=lambda rng: [([rng.randrange(9)],), ([],)], hint=lambda case, returned: f"of {returned:d}",
)


class Liar:
    def __eq__(self, other):
        return True

    __hash__ = None


class LyingInt(int):
    __eq__ = Liar.__eq__
    __hash__ = None


class Broken:
    def __eq__(self, other):
        raise RuntimeError


@pytest.mark.parametrize(
    ("expected", "returned"),
    [
        (3, 3.0), (3, Fraction(3)), (3, Decimal("3.0")), (3, np.int64(3)), (3, np.uint8(3)),
        (3, np.float32(3)), (3, np.array(3)), (2, ml_dtypes.bfloat16(2)),
        (True, np.True_), (True, 1), ("busy", np.str_("busy")), ((1, 2), [1, 2]), ([1, 2], np.array([1.0, 2.0])),
        ([], ()), ([], np.array([])), ([[1], [2]], np.array([[1], [2]])), (2**60, 2**60),
    ],
)
def test_kinds_of_the_same_value_are_equal(expected, returned):
    assert same(expected, returned)


RECURSIVE: list = []
RECURSIVE.append(RECURSIVE)


@pytest.mark.parametrize(
    "returned",
    [
        None, "3", b"3", 4, 3.5, float("nan"), float("inf"), [3], np.array([3]), {3}, {3: 3}, Liar(), LyingInt(5),
        Broken(), 3j, Ellipsis, int, RECURSIVE, enum.IntEnum("Three", "a b c").b, lambda: 3,
        np.array([Liar()]), [Liar()], np.ma.masked, Decimal("3.1"),
    ],
    ids=repr,
)
def test_anything_else_is_not(returned):
    assert not same(3, returned)


def test_a_list_of_another_length_is_not():
    assert not same([1, 2], [1]) and not same([1, 2], [1, 2, 3]) and not same([1, 2], 1) and not same(1, [1])


def test_an_answer_that_changes_its_arguments_changes_only_its_own():
    def emptying(values):
        found = [2 * each for each in values]
        values.clear()
        return found

    for _ in range(2):
        assert first_difference(DOUBLE, emptying, DOUBLE.shown) is None
    assert DOUBLE.shown == [([1, 2],)]


@pytest.mark.parametrize("error", [ZeroDivisionError("by\nzero"), SystemExit(0), RecursionError(), KeyError("x")])
def test_what_an_answer_raises_is_named(error):
    def raising(values):
        raise error

    found = first_difference(DOUBLE, raising, DOUBLE.shown)
    hint = hint_of(DOUBLE, found)
    assert hint.startswith(f"it raised {type(error).__name__}") and "\n" not in hint


def test_an_error_that_cannot_be_printed_is_named_all_the_same():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def raising(values):
        raise Mute

    assert hint_of(DOUBLE, first_difference(DOUBLE, raising, DOUBLE.shown)) == "it raised Mute"


def test_a_hint_about_something_odd_is_a_sentence():
    assert hint_of(DOUBLE, first_difference(DOUBLE, lambda values: Liar(), DOUBLE.shown)) == (
        "it gives something that is no answer"
    )


@pytest.mark.parametrize("answer", [None, lambda values: None])
def test_none_from_the_first_case_on_is_no_answer_yet(answer):
    assert is_open(DOUBLE, answer, first_difference(DOUBLE, answer, DOUBLE.shown))


def test_none_in_a_later_case_is_wrong():
    def forgets(values):
        if values == [1, 2]:
            return [2, 4]

    assert verdict(DOUBLE, {"double": forgets}, 0)[0] == WRONG


@pytest.mark.parametrize("answer", [5, "text", [1], np.zeros(3), object()], ids=str)
def test_what_cannot_be_called_is_wrong(answer):
    status, reason = verdict(DOUBLE, {"double": answer}, 0)
    assert status == WRONG and reason.startswith("it raised TypeError")


def test_a_right_answer_is_right_and_none_is_open():
    double = {"double": lambda values: tuple(each + each for each in values)}
    assert [verdict(DOUBLE, names, 0)[0] for names in (double, {})] == [RIGHT, OPEN]


def test_two_exercises_draw_other_cases_by_one_seed():
    assert random.Random("a 1").random() != random.Random("b 1").random()
    blame, through = (exercises.find(label).hidden_by(1) for label in ("ex-blame", "ex-through"))
    assert [case[0] for case in blame] != [case[0] for case in through]


def test_unknown_chapters_and_labels_are_named():
    with pytest.raises(exercises.Unusable, match="nowhere: there is no such chapter with exercises; expected one of "):
        exercises.of_chapter("nowhere")
    with pytest.raises(ValueError, match="exercise ex-none: there is no such label"):
        exercises.find("ex-none")

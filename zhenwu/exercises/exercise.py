"""An exercise of the book: what a right answer returns, on which cases it is tried, and where an answer first fails.

A learner is shown the outcome of the `shown` cases. The `hidden` ones are drawn anew by a seed, so that an answer which
replays what was shown fails on them; of these a learner hears a hint and nothing else.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

LONGEST = 160  # characters of what an answer's exception says that are repeated


def _called(answer: Callable, *case: Any) -> Any:
    return answer(*case)


def _is_none(answer: Any) -> bool:
    return answer is None


@dataclass(frozen=True)
class Exercise:
    """One exercise; the label is unique in the book.

    answer    : the name that the learner's notebook defines: a function, a module made by `changed`, or a live cell
    right     : right(*case) is what a right answer gives: numbers, strings, truth values, or lists of them
    hidden    : further cases, by a source of randomness
    hint      : what to look at, or hint(case, what the answer gave); never the solution, never what is right
    call      : call(answer, *case) is what the answer gives
    untouched : whether the answer is what the learner was given
    """

    label: str
    title: str
    answer: str
    right: Callable[..., Any]
    shown: Sequence[tuple]
    hidden: Callable[[random.Random], Iterable[tuple]]
    hint: str | Callable[[tuple, Any], str]
    call: Callable[..., Any] = _called
    untouched: Callable[[Any], bool] = _is_none

    def hidden_by(self, seed: int) -> list[tuple]:
        """The hidden cases of a seed, which are other ones for each exercise."""
        return list(self.hidden(random.Random(f"{self.label} {seed}")))


@dataclass(frozen=True)
class Difference:
    """The first case, counted from 1, in which an answer is not right: what was expected, what came or was raised."""

    number: int
    case: tuple
    expected: Any
    returned: Any = None
    raised: str = ""


def first_difference(exercise: Exercise, answer: Any, cases: Iterable[tuple]) -> Difference | None:
    """Try the cases in their order, each on a copy of its own: an answer may do to its arguments what it likes."""
    for number, case in enumerate(cases, 1):
        expected = exercise.right(*deepcopy(case))
        try:
            returned = exercise.call(answer, *deepcopy(case))
        except (Exception, SystemExit) as error:  # whatever an answer raises is an answer, and a wrong one
            return Difference(number, case, expected, raised=_named(error))
        if not same(expected, returned):
            return Difference(number, case, expected, returned)
    return None


def is_open(exercise: Exercise, answer: Any, found: Difference | None) -> bool:
    """Whether there is no answer yet: in the very first case it is not right, and it is as given, or gives None."""
    if found is None or found.number > 1:
        return False
    return exercise.untouched(answer) or found.returned is None and not found.raised


def hint_of(exercise: Exercise, found: Difference) -> str:
    """What a learner hears of a hidden case."""
    if found.raised:
        return f"it raised {found.raised}"
    if isinstance(exercise.hint, str):
        return exercise.hint
    try:
        return exercise.hint(found.case, found.returned)
    except Exception:  # what an answer returned can be anything, also something that no sentence can hold
        return "it gives something that is no answer"


def same(expected: Any, returned: Any) -> bool:
    """Whether two values are equal as numbers, strings or lists; numpy's kinds of them count as Python's own."""
    try:
        return _equal(_plain(expected), _plain(returned))
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _plain(value: Any) -> Any:
    """Plain Python, or TypeError: an object of another class could claim to be equal to everything."""
    if isinstance(value, np.ndarray):
        value = np.ndarray.tolist(value)
    if isinstance(value, np.generic):
        item = value.item()
        value = float(item) if isinstance(item, np.generic) else item  # bfloat16 has no Python twin
    if type(value) in (list, tuple):
        return [_plain(each) for each in value]
    if type(value) in (bool, int, float, str, Decimal, Fraction):
        return value
    raise TypeError(f"{type(value).__name__} is no number, string or list")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other


def _named(error: BaseException) -> str:
    """An exception's class and the first line of what it says."""
    name = type(error).__name__
    try:
        said = str(error).strip().partition("\n")[0]
    except Exception:
        return name
    return f"{name}: {said[:LONGEST]}" if said else name

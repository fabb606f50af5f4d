"""Judging answers where they are: inside the kernel that has run the learner's notebook.

What the notebook prints from here on goes nowhere. Nothing here uses a name of the notebook but the answers', so a
learner may give any meaning to `np`, `check` or `print`.
"""

import os
import sys

from zhenwu.exercises import find, given
from zhenwu.exercises.exercise import Exercise, first_difference, hint_of, is_open

RIGHT, WRONG, OPEN = "right", "wrong", "not answered yet"
VERDICT = "application/vnd.zhenwu.verdict+json"


def begin() -> None:
    """Before the notebook's first cell."""
    given.graded = True
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")


def judged(label: str, seed: int) -> None:
    """Display the verdict on an exercise as data: a status and a reason."""
    from IPython import get_ipython
    from IPython.display import display

    status, reason = verdict(find(label), get_ipython().user_ns, seed)
    display({VERDICT: {"status": status, "reason": reason}, "text/plain": status}, raw=True)


def verdict(exercise: Exercise, names: dict, seed: int) -> tuple[str, str]:
    """Status and reason for the answer among what a notebook has defined, on the shown and the seed's hidden cases."""
    if exercise.answer not in given.sources.keys() | names.keys():
        return OPEN, f"the notebook defines no {exercise.answer}"
    answer = given.sources.get(exercise.answer, names.get(exercise.answer))
    found = first_difference(exercise, answer, [*exercise.shown, *exercise.hidden_by(seed)])
    if found is None:
        return RIGHT, ""
    if is_open(exercise, answer, found):
        return OPEN, ""
    return WRONG, hint_of(exercise, found)

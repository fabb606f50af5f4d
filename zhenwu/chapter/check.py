"""A checker for exercises in code: runs the reader's answer on the cases that are shown and says where it fails."""

from html import escape
from reprlib import repr as short
from typing import Any

from zhenwu.chapter.show import Html
from zhenwu.exercises import find, given
from zhenwu.exercises.exercise import Difference, first_difference, is_open


def check(label: str, answer: Any) -> Html:
    """The verdict on an answer to the exercise of that label: right, or the first shown case that is not.

    `zhenwu grade` tries further cases, which it does not show; while it runs the notebook, this keeps still.
    """
    exercise = find(label)
    if given.graded:
        return Html("", "")
    found = first_difference(exercise, answer, exercise.shown)
    if found is None:
        return _verdict(exercise.title, True, f"{len(exercise.shown)} of {len(exercise.shown)} cases agree")
    if is_open(exercise, answer, found):
        why = f"{exercise.answer} is as it was given, or gives None"
        return _verdict(exercise.title, False, f"there is no answer yet; {why}")
    return _verdict(exercise.title, False, f"case {found.number} of {len(exercise.shown)}{_reason(found)}")


def _reason(found: Difference) -> str:
    if found.raised:
        return f" raised {found.raised}"
    return f": expected {found.expected}, got {_written(found.returned)}"


def _written(value: Any) -> str:
    try:
        return short(value)
    except Exception:  # a reader's own class may fail even here
        return f"something of class {type(value).__name__}"


def _verdict(title: str, right: bool, reason: str) -> Html:
    word, reason = "right" if right else "not yet", reason[0].upper() + reason[1:]
    return Html(
        f'<p class="verdict verdict-{"right" if right else "open"}"><strong>{escape(title)}: {word}.</strong> '
        f"{escape(reason)}.</p>",
        f"{title}: {word}. {reason}.",
    )

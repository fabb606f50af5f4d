"""A checker for exercises in code: runs the reader's function beside the right one and says where they part."""

from collections.abc import Callable, Iterable
from html import escape

from zhenwu.chapter.show import Html


def grade(exercise: str, answer: Callable, oracle: Callable, cases: Iterable[tuple]) -> Html:
    """Call both with each case's arguments; the first difference, or what `answer` raised, is shown."""
    cases = list(cases)
    for number, case in enumerate(cases, 1):
        expected = oracle(*case)
        try:
            actual = answer(*case)
        except Exception as error:  # whatever a reader's code raises is an answer to show, not an end of the build
            return _verdict(exercise, False, f"case {number} raised {type(error).__name__}: {error}")
        if actual is None or actual != expected:
            return _verdict(exercise, False, f"case {number} of {len(cases)}: expected {expected}, got {actual}")
    return _verdict(exercise, True, f"{len(cases)} of {len(cases)} cases agree")


def _verdict(exercise: str, right: bool, reason: str) -> Html:
    word = "right" if right else "not yet"
    return Html(
        f'<p class="verdict verdict-{"right" if right else "open"}"><strong>{escape(exercise)}: {word}.</strong> '
        f"{escape(reason)}.</p>",
        f"{exercise}: {word}. {reason}.",
    )

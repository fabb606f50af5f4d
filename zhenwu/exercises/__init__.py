"""The exercises of the book: a file for each page that has some, with cases, oracles and hints; who judges answers."""

from importlib import import_module
from importlib.util import find_spec

from zhenwu.exercises.exercise import Exercise
from zhenwu.spec.chapters import CHAPTERS


class Unusable(ValueError):
    """What was given cannot be graded: one sentence that names it and says what was expected."""


def stems() -> list[str]:
    """The pages with exercises, by their files' stems, in the order of the book."""
    return [entry.stem for entry in CHAPTERS if find_spec(f"{__name__}.{entry.stem}")]


def of_chapter(stem: str) -> tuple[Exercise, ...]:
    """The exercises of a page in its order; Unusable if it has none."""
    if stem not in stems():
        raise Unusable(f"{stem}: there is no such chapter with exercises; expected one of {', '.join(stems())}")
    return import_module(f"{__name__}.{stem}").EXERCISES


def find(label: str) -> Exercise:
    """The exercise of that label; ValueError if there is none."""
    found = {exercise.label: exercise for stem in stems() for exercise in of_chapter(stem)}
    if label not in found:
        raise ValueError(f"exercise {label}: there is no such label; expected one of {', '.join(found)}")
    return found[label]

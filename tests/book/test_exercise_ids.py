"""Exercises and their solutions bring no id twice."""

import re
from collections.abc import Callable, Sequence


def test_two_exercises_share_no_id(build: Callable[[dict[str, str], Sequence[str]], object]) -> None:
    exercises = "\n\n".join(
        f"```{{exercise}}\n:label: ex-{name}\nTry {name}.\n```\n\n```{{solution}} ex-{name}\nSo.\n```" for name in "ab"
    )
    built = build({"index": f"# Page\n\n{exercises}\n"}, ["sphinx_exercise", "exercise_ids"])
    ids = re.findall(r'\bid="([^"]*)"', built.pages["index"])
    assert "Try a." in built.pages["index"] and len(ids) == len(set(ids))

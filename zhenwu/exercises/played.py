"""Answers that are hardware: the source of a block, played to vectors as in the page's live cells."""

import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from hdl.bench.play import play
from zhenwu.cosim.live import live
from zhenwu.exercises.exercise import Exercise

ROOT = Path(__file__).resolve().parents[2]
AGREES = "every value agrees"
Sizes = Mapping[str, int]


def source_of(answer: str | ModuleType) -> str:
    """A live cell's text, or the file of a module that `changed` made; TypeError for anything else."""
    if isinstance(answer, str):
        return answer
    if not isinstance(answer, ModuleType) or not answer.__file__:
        raise TypeError(f"{type(answer).__name__} is no source of a block")
    return Path(answer.__file__).read_text(encoding="utf-8")


def played(answer: str | ModuleType, vectors: str, other: Sizes) -> str:
    """AGREES, or where the block first differs. A case is the name of its vectors, and their seed or sizes."""
    first = play(live(vectors, **other), source_of(answer))["first"]
    return AGREES if first is None else f"{first['pin']} first differs from the model in step {first['cycle']}"


def planted(file: str, *exchanged: tuple[str, str]) -> Callable[[Any], bool]:
    """Whether an answer is the package's file with each first text replaced by the second, as a live cell shows it."""

    def is_as_given(answer: Any) -> bool:
        source = (ROOT / file).read_text(encoding="utf-8")
        for old, new in exchanged:
            source = source.replace(old, new)
        return isinstance(answer, str) and answer.strip() == source.strip()

    return is_as_given


def live_exercise(
    label: str, title: str, answer: str, vectors: str, look_at: str, untouched: Callable[[Any], bool],
    hidden: Callable[[random.Random], Iterable[Sizes]], call: Callable[..., str] = played,
) -> Exercise:
    """An exercise in a live cell; `hidden` gives seeds or sizes of further vectors by name, `look_at` ends the hint."""

    def cases(rng: random.Random) -> list[tuple[str, Sizes]]:
        return [(vectors, dict(other)) for other in hidden(rng)]

    def right(vectors: str, other: Sizes) -> str:
        return AGREES

    def hint(case: tuple[str, Sizes], returned: Any) -> str:
        sizes = [f"{name} = {value}" for name, value in case[1].items() if name != "seed"]
        which = f"with {', '.join(sizes)}" if sizes else "on other vectors" if case[1] else "on the page's vectors"
        return f"{which}, {returned}; {look_at}"

    return Exercise(label, title, answer, right, ((vectors, {}),), cases, hint, call, untouched)


def seeds(rng: random.Random) -> list[Sizes]:
    """Three seeds."""
    return [{"seed": rng.randrange(1 << 30)} for _ in range(3)]

"""One cell of the study: an agent in a number format, a harness, so many sessions; and what came out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.binomial import interval
from zhenwu.agent.mind import Format, Mind
from zhenwu.agent.play import Check, play
from zhenwu.agent.session import Harness, Turn
from zhenwu.qwen.model import Qwen, load

# As trained, and after training that knew the four bits; a small and a large one, trained for four bits too.
WEIGHTS = ("plain", "qat", "small", "large")
SLACK = 8  # tokens of cache beyond the context's limit
COLUMNS = {
    "session": np.int32, "call": np.int32, "context": np.int32, "compactions": np.int32, "errors_in_context": np.int32,
    "errors": np.int32, "wrong": bool, "doubted": bool, "first_wrong": bool, "second_wrong": bool,
}


@dataclass(frozen=True)
class Voice:
    """An opinion: which weights, computed how."""

    weights: str = "plain"
    how: Format = Format()

    def __str__(self) -> str:
        return f"{self.how}, {self.weights} weights"


@dataclass(frozen=True)
class Opinions:
    """Who checks: the second opinion reads along, the third is asked in doubt; `name` is what they are to the first."""

    name: str
    second: Voice
    third: Voice


@dataclass(frozen=True)
class Cell:
    """What is run: `batch` sessions at a time, seeds from `seed` on."""

    first: Voice
    harness: Harness
    sessions: int
    check: Opinions | None = None
    seed: int = 1_000_000
    batch: int = 256

    def __str__(self) -> str:
        checked = f", checked by {self.check.second}, then {self.check.third}" if self.check else ""
        return f"{self.first}{checked}; {self.harness.kind}, context {self.harness.limit}, {self.sessions} sessions"


@dataclass(frozen=True)
class Outcome:
    """All turns of a cell, as columns with an entry a turn, and what they took."""

    cell: Cell
    columns: dict[str, NDArray]
    tokens: int  # that the first opinion read
    checking_tokens: int  # that the second and third read
    cpu_s: float

    @property
    def turns(self) -> int:
        return len(self.columns["wrong"])

    @property
    def wrong(self) -> int:
        return int(self.columns["wrong"].sum())

    @property
    def error(self) -> float:
        """Wrong turns a turn."""
        return self.wrong / self.turns

    @property
    def error_interval(self) -> tuple[float, float]:
        return interval(self.wrong, self.turns)

    def first_errors(self) -> NDArray[np.float64]:
        """The call before which each session's first wrong turn came, infinity where none did; by seed."""
        sessions, place = np.unique(self.columns["session"], return_inverse=True)
        first = np.full(len(sessions), np.inf)
        wrong = self.columns["wrong"]
        np.minimum.at(first, place[wrong], self.columns["call"][wrong])
        return first

    def survived(self, calls: int) -> tuple[int, int]:
        """Sessions with no wrong turn before so many calls, of how many."""
        first = self.first_errors()
        return int((first >= calls).sum()), len(first)


@cache
def agent(weights: str) -> Qwen:
    """The agent that ships with this package, float32; ValueError for weights it does not have."""
    if weights not in WEIGHTS:
        raise ValueError(f"weights {weights}: expected one of {', '.join(WEIGHTS)}")
    return load(Path(str(files("zhenwu.data").joinpath(f"agent_{weights}"))))


def mind(voice: Voice, rows: int, harness: Harness, model: Qwen | None = None) -> Mind:
    """An opinion that can read so many sessions at once; `model` replaces the shipped weights."""
    return Mind(model or agent(voice.weights), voice.how, rows, harness.limit + SLACK)


def check_by(opinions: Opinions, rows: int, harness: Harness, model: Qwen | None = None) -> Check:
    """The same of those who check."""
    return Check(mind(opinions.second, rows, harness, model), mind(opinions.third, rows, harness, model))


def run(cell: Cell, progress: Callable[[int], None] = lambda turns: None, model: Qwen | None = None) -> Outcome:
    """Play all sessions of a cell; `model` replaces the shipped weights of every opinion."""
    begun = time.process_time()
    rows = min(cell.batch, cell.sessions)
    first = mind(cell.first, rows, cell.harness, model)
    check = check_by(cell.check, rows, cell.harness, model) if cell.check else None
    seeds = range(cell.seed, cell.seed + cell.sessions)
    turns: list[Turn] = []
    for session in play(first, seeds, cell.harness, check, progress):
        turns += session.turns
    assert {field.name for field in fields(Turn)} == {*COLUMNS, "tool"}
    columns = {name: np.array([getattr(turn, name) for turn in turns], kind) for name, kind in COLUMNS.items()}
    columns["tool"] = np.array([turn.tool for turn in turns])
    checking = check.second.read_tokens + check.third.read_tokens if check else 0
    return Outcome(cell, columns, first.read_tokens, checking, time.process_time() - begun)

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

WEIGHTS = ("plain", "qat")  # as trained, and after training that knew the four bits
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
class Cell:
    """What is run: `batch` sessions at a time, seeds from `seed` on."""

    first: Voice
    harness: Harness
    sessions: int
    second: Voice | None = None  # with a third: check and retry
    third: Voice | None = None
    seed: int = 1_000_000
    batch: int = 256

    def __str__(self) -> str:
        checked = f", checked by {self.second}, then {self.third}" if self.second else ""
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


def run(cell: Cell, progress: Callable[[int], None] = lambda turns: None, model: Qwen | None = None) -> Outcome:
    """Play all sessions of a cell; `model` replaces the shipped weights of every opinion."""
    begun = time.process_time()
    rows = min(cell.batch, cell.sessions)

    def mind(voice: Voice) -> Mind:
        return Mind(model or agent(voice.weights), voice.how, rows, cell.harness.limit + SLACK)

    first = mind(cell.first)
    check = Check(mind(cell.second), mind(cell.third)) if cell.second and cell.third else None
    seeds = range(cell.seed, cell.seed + cell.sessions)
    turns: list[Turn] = []
    for session in play(first, seeds, cell.harness, check, progress):
        turns += session.turns
    assert {field.name for field in fields(Turn)} == {*COLUMNS, "tool"}
    columns = {name: np.array([getattr(turn, name) for turn in turns], kind) for name, kind in COLUMNS.items()}
    columns["tool"] = np.array([turn.tool for turn in turns])
    checking = check.second.read_tokens + check.third.read_tokens if check else 0
    return Outcome(cell, columns, first.read_tokens, checking, time.process_time() - begun)

"""Do errors come more often as a session grows older? The hazard, the slope of its logarithm, and how sure that is.

The hazard of a turn is the probability that it is wrong. If it stays the same, a session survives n turns with
probability (1 - e)^n; that is the hypothesis. Against it stands a logistic regression: the logarithm of the odds of an
error may rise with what the session has behind it. Source: McCullagh and Nelder, Generalized Linear Models, 1989; for
errors that come in runs, Liang and Zeger, Biometrika 73, 1986.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.binomial import interval

Z = 1.959964  # standard errors each side of a 95 % interval
FEWEST = 5  # sessions with an error: among fewer, their spread says nothing
STEPS = 60  # of Newton's method, which needs about ten
TINY = 1e-9  # a step that changes nothing any more
RIDGE = 1e-9  # keeps a column that never varies, or no error at all, from stopping it


@dataclass(frozen=True)
class Slope:
    """By how much the log odds of an error rise with a unit of one column."""

    name: str
    value: float
    low: float  # 95 %
    high: float
    p: float  # of so large a slope, either way, if the truth is zero


@dataclass(frozen=True)
class Bin:
    """Turns whose column lies in low <= x < high."""

    low: float
    high: float
    turns: int
    wrong: int

    @property
    def rate(self) -> float:
        return self.wrong / self.turns if self.turns else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        return interval(self.wrong, self.turns)


def slopes(
    wrong: NDArray[np.bool_], columns: dict[str, NDArray], sessions: NDArray | None = None,
) -> list[Slope]:
    """Logistic regression of wrong[n] on an intercept and columns[n] together: one Slope for each column, in order.

    Newton's method on the likelihood; standard errors from its curvature. With `sessions[n]`, whose turn it is, only
    sessions count as independent of each other, not turns. A column without any spread, a table without errors, or
    errors in fewer than FEWEST sessions, give an infinite interval and p = 1.
    """
    names = [name for name, column in columns.items() if np.ptp(column) > 0]
    if not wrong.any() or wrong.all() or (sessions is not None and len(np.unique(sessions[wrong])) < FEWEST):
        names = []
    free = [Slope(name, 0.0, -math.inf, math.inf, 1.0) for name in columns if name not in names]
    if not names:
        return free
    spread = {name: float(columns[name].std()) for name in names}
    x = np.stack([np.ones(len(wrong)), *((columns[n] - columns[n].mean()) / spread[n] for n in names)], axis=1)
    weights = np.zeros(x.shape[1])
    weights[0] = math.log(wrong.mean() / (1 - wrong.mean()))
    reached = _likelihood(x @ weights, wrong)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(x @ weights)))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        step = np.linalg.solve(curvature, x.T @ (wrong - p))
        while (found := _likelihood(x @ (weights + step), wrong)) < reached and np.abs(step).max() > TINY:
            step = step / 2  # Newton's step overshoots where errors are rare: half of it is still uphill
        weights, reached = weights + step, max(found, reached)
        if np.abs(step).max() < TINY:
            break
    variance = np.linalg.inv(curvature)
    if sessions is not None:
        variance = variance @ _between(sessions, x * (wrong - p)[:, None]) @ variance
    error = np.sqrt(np.maximum(np.diag(variance), TINY**2))  # sessions that are all alike spread by nothing
    of = {}
    for place, name in enumerate(names, start=1):
        value, width = weights[place] / spread[name], error[place] / spread[name]
        of[name] = Slope(
            name, value, value - Z * width, value + Z * width, math.erfc(abs(value / width) / math.sqrt(2))
        )
    return [of.get(name) or next(s for s in free if s.name == name) for name in columns]


def _between(sessions: NDArray, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much the sums of each session's scores spread: the middle of the sandwich."""
    named, place = np.unique(sessions, return_inverse=True)
    sums = np.zeros((len(named), scores.shape[1]))
    np.add.at(sums, place, scores)
    return sums.T @ sums * (len(named) / max(1, len(named) - 1))


def _likelihood(odds: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Its logarithm, from each turn's log odds."""
    return -float(np.logaddexp(0, np.where(wrong, -odds, odds)).sum())


def binned(wrong: NDArray[np.bool_], column: NDArray, edges: list[float]) -> list[Bin]:
    """How many turns lie between neighbouring edges, and how many of them are wrong."""
    place = np.digitize(column, edges) - 1
    return [
        Bin(low, high, int((place == i).sum()), int(wrong[place == i].sum()))
        for i, (low, high) in enumerate(zip(edges, edges[1:], strict=False))
    ]


def surviving(first_wrong: NDArray[np.float64], calls: int) -> tuple[int, int]:
    """Sessions of which no turn before so many calls was wrong, and all: `first_wrong` is the call, inf if none."""
    return int((first_wrong >= calls).sum()), len(first_wrong)

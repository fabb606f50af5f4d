"""Recorded and made-up sessions side by side: the same quantiles of both, and their ratio."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.quantiles import Distribution, Tables
from zhenwu.agent.sessions import TOOL
from zhenwu.agent.steps import Steps
from zhenwu.agent.traces import Trace

PERCENTS = (10, 25, 50, 75, 90, 99)
HELD = PERCENTS[:-1]  # those that a made-up trace is held to; the tail is only reported


SHOWN = (
    "requests_per_session", "session_hours", "in_tokens", "first_context", "largest_context", "out_tokens", "growth",
    "prefix_hit", "new_tokens", "tool_wait_s", "user_wait_s", "api_time_s", "compactions", "compacted_to",
)


@dataclass(frozen=True)
class Line:
    """One quantity of both: `recorded` and `made` at PERCENTS, then the mean."""

    name: str
    unit: str
    recorded: tuple[float, ...]
    made: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Made over recorded; 1 where both are the same, infinite where only the recorded one is 0."""
        return tuple(1.0 if mine == theirs else mine / theirs if theirs else math.inf
                     for theirs, mine in zip(self.recorded, self.made, strict=True))

    @property
    def off(self) -> float:
        """How far the ratio at HELD is from 1 at worst."""
        return max(abs(ratio - 1) for ratio in self.ratios[: len(HELD)])


def compared(recorded: Tables, made: Tables) -> list[Line]:
    """The quantities of SHOWN that both have values of; last, the share of sessions that compact, as a mean alone."""
    pairs = [(name, recorded.distributions[name], made.distributions[name]) for name in SHOWN]
    lines = [Line(name, one.unit, _shown(one), _shown(other)) for name, one, other in pairs if one.count and other.count]
    return [*lines, Line("compacting", "", *((math.nan,) * len(PERCENTS) + (each.compaction_share,) for each in (recorded, made)))]


def _shown(spread: Distribution) -> tuple[float, ...]:
    return (*(spread.at(percent) for percent in PERCENTS), float(spread.mean))


LINKS = {
    "length and compactions": ("requests", "compactions"), "length and hours": ("requests", "hours"),
    "length and first context": ("requests", "start"), "length and growth": ("requests", "growth"),
    "growth and context before": ("grown", "before"), "growth and output before": ("grown", "out_before"),
    "growth and growth before": ("grown", "grown_before"), "output and output before": ("out", "out_before"),
    "wait and wait before": ("wait", "wait_before"), "time of an answer and output": ("answer", "out"),
}


def links(trace: Trace) -> dict[str, float]:
    """Rank correlations by LINKS, within a turn or between sessions; NaN where there are none."""
    steps, ends, begins = Steps(trace), trace.first[1:] - 1, trace.first[:-1]
    grown = np.where(steps.grows, steps.grown, np.nan)
    wait = steps.waits(TOOL, True)
    log = np.log(np.where(steps.grows, np.maximum(steps.grown, 1), 1))
    known = {
        "requests": np.diff(trace.first), "compactions": steps.per_session(steps.compacts),
        "hours": trace.t_s[ends] - trace.t_s[begins], "start": trace.in_tokens[begins],
        "growth": steps.per_session(log) / np.maximum(steps.per_session(steps.grows), 1),
        "grown": grown, "before": steps.before, "out": trace.out_tokens,
        "out_before": np.where(steps.follows, steps.out_before, np.nan),
        "grown_before": np.where(steps.follows, np.roll(grown, 1), np.nan), "wait": wait,
        "wait_before": np.where(steps.follows, np.roll(wait, 1), np.nan), "answer": trace.api_time_s,
    }
    pairs = {name: np.stack([known[each].astype(float) for each in both]) for name, both in LINKS.items()}
    return {name: _rank_correlation(pair[:, ~np.isnan(pair).any(axis=0)]) for name, pair in pairs.items()}


def _rank_correlation(pair: NDArray[np.float64]) -> float:
    ranks = np.stack([np.searchsorted(np.sort(each), each, "left") + np.searchsorted(np.sort(each), each, "right")
                      for each in pair])
    return float(np.corrcoef(ranks)[0, 1]) if pair.shape[1] > 2 and ranks.std(axis=1).all() else np.nan

"""What goes with what in a trace: rank correlations between quantities of a session, and of a turn."""

import math

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.sessions import TOOL
from zhenwu.agent.spread import rounded
from zhenwu.agent.steps import Steps
from zhenwu.agent.traces import Trace

LINKS = {
    "length and compactions": ("requests", "compactions"), "length and hours": ("requests", "hours"),
    "length and first context": ("requests", "start"), "length and growth": ("requests", "growth"),
    "growth and context before": ("grown", "before"), "growth and output before": ("grown", "out_before"),
    "growth and growth before": ("grown", "grown_before"), "output and output before": ("out", "out_before"),
    "wait and wait before": ("wait", "wait_before"), "time of an answer and output": ("answer", "out"),
}


def links(trace: Trace) -> dict[str, float]:
    """Rank correlations by LINKS; without those that the trace has too little for."""
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
    found = {name: _rank_correlation(pair[:, ~np.isnan(pair).any(axis=0)]) for name, pair in pairs.items()}
    return {name: rounded(each) for name, each in found.items() if not math.isnan(each)}


def _rank_correlation(pair: NDArray[np.float64]) -> float:
    ranks = np.stack([np.searchsorted(np.sort(each), each, "left") + np.searchsorted(np.sort(each), each, "right")
                      for each in pair])
    return float(np.corrcoef(ranks)[0, 1]) if pair.shape[1] > 2 and ranks.std(axis=1).all() else math.nan

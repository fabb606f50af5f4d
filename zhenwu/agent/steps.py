"""Each request of a trace beside the one before it in its session: what happened in between."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.quantiles import COMPACTED, until_next
from zhenwu.agent.traces import Trace

WHOLE = 0.9  # a request that finds less of the context before it has had its prefix broken off


class Steps:
    """Arrays with an entry a request. What speaks of the request before means nothing where `follows` is false."""

    def __init__(self, trace: Trace):
        before = np.roll(trace.in_tokens, 1)
        self.trace = trace
        self.session = np.repeat(np.arange(len(trace.sessions)), np.diff(trace.first))
        self.turn = np.arange(len(self.session)) - trace.first[self.session]  # counted from 0
        self.follows = self.turn > 0
        self.last = np.zeros(len(self.session), bool)
        self.last[trace.first[1:] - 1] = True
        self.before, self.out_before, self.stop_before = before, np.roll(trace.out_tokens, 1), np.roll(trace.stop, 1)
        self.timed_before = ~np.isnan(np.roll(trace.api_time_s, 1))
        self.gap = np.roll(until_next(trace), 1)
        self.grown = trace.in_tokens - before
        self.ratio = trace.in_tokens / np.maximum(before, 1)
        self.kept = trace.prefix_hit_tokens / np.maximum(before, 1)
        self.compacts = self.follows & (trace.in_tokens < COMPACTED * before)
        self.trims = self.follows & ~self.compacts & (self.grown <= 0)
        self.grows = self.follows & (self.grown > 0)
        self.broken = self.grows & (self.kept < WHOLE)

    def waits(self, stop: str, timed: bool) -> NDArray[np.float64]:
        """Seconds before each request that follows an answer with this stop: from its end, or if those answers are not
        timed from its request; NaN elsewhere."""
        mine = self.follows & (self.stop_before == stop)
        if not timed:
            return np.where(mine, self.gap, np.nan)
        return np.where(mine & self.timed_before, self.trace.think_time_s, np.nan)

    def per_session(self, values: NDArray) -> NDArray[np.float64]:
        """The sum of a value over each session's requests."""
        return np.bincount(self.session, values, len(self.trace.sessions))

"""From a trace to small tables: how each quantity is spread, how a context grows, where a session's hours go.

A quantile is interpolated between its two neighbours (numpy's own way). Values keep six significant digits, so that a
committed table is the same on every machine.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhenwu.agent.traces import Trace
from zhenwu.spec import agent_session
from zhenwu.spec.qwen_max import HOURS

PERCENTS = tuple(range(101))
TURNS = (1, 2, 3, 5, 8, 12, 20, 30, 45, 70, 100, 150, 200, 300)  # at which a context's growth is looked at
TURN_PERCENTS = (10, 25, 50, 75, 90)
COMPACTED = float(agent_session.COMPACTED.value)
SECONDS_PER_HOUR = int(agent_session.SECONDS_PER_HOUR.value)
WAIT_CAP_S = float(agent_session.WAIT_CAP.value)
DIGITS = 6


@dataclass(frozen=True)
class Distribution:
    """How `count` values of one quantity are spread: quantiles at PERCENTS; without a value none, and the mean None."""

    unit: str
    what: str  # the quantity, and of what there is one value
    count: int
    mean: float | None
    quantiles: tuple[float, ...]

    def at(self, percent: float) -> float:
        """The value that so many percent do not exceed; NaN where there are no values. ValueError outside 0 .. 100."""
        if not 0 <= percent <= 100:
            raise ValueError(f"percent = {percent}: expected 0 .. 100")
        return float(np.interp(percent, PERCENTS, self.quantiles)) if self.quantiles else math.nan

    def share_up_to(self, value: float) -> float:
        """The share of values, 0 to 1, that do not exceed `value`, as exact as quantiles are; NaN without values."""
        if not self.quantiles:
            return math.nan
        if value >= self.quantiles[-1]:
            return 1.0
        above = int(np.searchsorted(self.quantiles, value, side="right"))  # the first quantile beyond it
        if above == 0:
            return 0.0
        low, high = self.quantiles[above - 1], self.quantiles[above]
        return (PERCENTS[above - 1] + (value - low) / (high - low)) / 100


@dataclass(frozen=True)
class Growth:
    """The context at some turns of a session, counted from 1: quantiles at TURN_PERCENTS over the sessions that have so
    many turns. So late turns speak of long sessions alone."""

    turns: tuple[int, ...]
    sessions: tuple[int, ...]
    tokens: Mapping[str, tuple[float, ...]]  # by percent, as text


@dataclass(frozen=True)
class Totals:
    """Sums over some sessions. `wall_hours` is from each session's first request to its last.

    `api_hours` is how much of that answers took: each at most until the next request, and a session's last, which is
    sent when its hours end, not at all. Of some answers nobody has the time: `api_hours` leaves those out,
    `api_hours_most` takes all that passed until the next request. `long_gap_hours` are spent in gaps of more than an
    hour between one request and the next. `tool_wait_hours_capped` counts WAIT_CAP_S at most of each
    wait in `tool_wait_hours`.

    `timed_hours` is the whole time of all answers that have one, and `timed_out_tokens` is what these brought;
    `known_out_tokens` is the output of those requests of which it is known how much stood there before.
    """

    sessions: int
    requests: int
    in_tokens: float
    out_tokens: float
    prefix_hit_tokens: float
    new_tokens: float
    wall_hours: float
    api_hours: float
    api_hours_most: float
    tool_wait_hours: float
    tool_wait_hours_capped: float
    long_gap_hours: float
    timed_hours: float
    timed_out_tokens: float
    known_out_tokens: float
    requests_without_api: int

    @property
    def in_per_out(self) -> float:
        """Input tokens for each output token."""
        return ratio(self.in_tokens, self.out_tokens)

    @property
    def prefix_hit(self) -> float:
        """Share of input tokens that stood there before, of those of which it is known."""
        return ratio(self.prefix_hit_tokens, self.prefix_hit_tokens + self.new_tokens)

    @property
    def new_per_out(self) -> float:
        """New input tokens for each output token, of the requests of which it is known."""
        return ratio(self.new_tokens, self.known_out_tokens)

    @property
    def tokens_per_s(self) -> float:
        """Output of all answers that have a time, over all their time: the mean pace, in which long answers weigh."""
        return ratio(self.timed_out_tokens, self.timed_hours * SECONDS_PER_HOUR)

    @property
    def busy(self) -> tuple[float, float]:
        """Least and most share of the hours with an answer under way, 0 to 1; NaN if no answer has a time."""
        if self.requests_without_api == self.requests:
            return math.nan, math.nan
        return ratio(self.api_hours, self.wall_hours), ratio(self.api_hours_most, self.wall_hours)


@dataclass(frozen=True)
class Tables:
    """All that the book and the command line say of a trace."""

    about: Mapping[str, str]
    totals: Totals
    long_sessions: Totals  # those that last as long as the reported run, or longer
    compaction_share: float  # of the sessions
    context_by_turn: Growth
    distributions: Mapping[str, Distribution]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def tables(trace: Trace, about: Mapping[str, str]) -> Tables:
    """The tables of a trace; `about` says in words what it is."""
    slices = list(trace.slices())
    long = [part for part in slices if np.ptp(trace.t_s[part]) >= float(HOURS) * SECONDS_PER_HOUR]
    contexts = [trace.in_tokens[part] for part in slices]
    compacted = [bool((each[1:] < COMPACTED * each[:-1]).any()) for each in contexts]
    return Tables(
        dict(about), _totals(trace, slices), _totals(trace, long), rounded(np.mean(compacted)), _growth(contexts),
        {name: _distribution(*found) for name, found in _quantities(trace, slices).items()},
    )


def after(trace: Trace, stop: str) -> NDArray[np.float64]:
    """Seconds between an answer that ended with `stop` and the session's next request, where they are known."""
    waits = trace.think_time_s[1:][trace.stop[:-1] == stop]
    same = _within(trace)[trace.stop[:-1] == stop]
    return known(waits[same])


def _within(trace: Trace) -> NDArray[np.bool_]:
    """Whether request i + 1 is of the same session as request i."""
    same = np.ones(len(trace.t_s) - 1, bool)
    same[trace.first[1:-1] - 1] = False
    return same


def until_next(trace: Trace) -> NDArray[np.float64]:
    """Seconds from each request to the session's next one; the last has none, which is 0 here."""
    gaps = np.diff(trace.t_s, append=0)
    gaps[trace.first[1:] - 1] = 0
    return gaps


def steps(trace: Trace, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each request has more than the one before it in its session."""
    return np.diff(values)[_within(trace)]


def _quantities(trace: Trace, slices: list[slice]) -> dict[str, tuple[str, str, ArrayLike]]:
    """Each quantity's unit, what it is, and its values."""
    grown = steps(trace, trace.in_tokens)
    timed = trace.api_time_s > 0
    hours = np.array([np.ptp(trace.t_s[part]) / SECONDS_PER_HOUR for part in slices])
    answered = np.minimum(trace.api_time_s, until_next(trace)) / SECONDS_PER_HOUR
    busy = np.array([_sum_known(answered[part.start : part.stop - 1]) for part in slices])
    left = [trace.in_tokens[part][1:] / np.maximum(trace.in_tokens[part][:-1], 1) for part in slices]
    tokens, of_request, of_session = "tokens", "of a request", "of a session"
    return {
        "in_tokens": (tokens, f"context {of_request}", trace.in_tokens),
        "out_tokens": (tokens, f"output {of_request}", trace.out_tokens),
        "new_tokens": (tokens, f"input {of_request} that was not there before",
                       known(trace.in_tokens - trace.prefix_hit_tokens)),
        "in_per_out": ("", f"input for an output token, {of_request}", _share(trace.in_tokens, trace.out_tokens)),
        "prefix_hit": ("", f"share of the input that was there before, {of_request}",
                       _share(trace.prefix_hit_tokens, trace.in_tokens)),
        "growth": (tokens, "added to the context from one request to the next, where it grew", grown[grown > 0]),
        "tool_wait_s": ("s", "from an answer that calls a tool to the next request", after(trace, "tool_use")),
        "user_wait_s": ("s", "from an answer that ends the agent's turn to the next request", after(trace, "end_turn")),
        "api_time_s": ("s", f"time of the answer, service and queueing, {of_request}", known(trace.api_time_s)),
        "tokens_per_s": ("tokens/s", f"output over the answer's time, {of_request}",
                         trace.out_tokens[timed] / trace.api_time_s[timed]),
        "session_hours": ("h", f"first request to last, {of_session}", hours),
        "busy_share": ("", f"share of those hours with an answer under way, {of_session}", _share(busy, hours)),
        "requests_per_session": ("requests", of_session, np.diff(trace.first)),
        "first_context": (tokens, f"first context {of_session}", trace.in_tokens[trace.first[:-1]]),
        "largest_context": (tokens, f"longest context {of_session}", [trace.in_tokens[part].max() for part in slices]),
        "compactions": ("", f"compactions {of_session}", [(each < COMPACTED).sum() for each in left]),
        "compacted_to": ("", "context after a compaction over the one before",
                         np.concatenate([each[each < COMPACTED] for each in left])),
        "tool_tokens": (tokens, f"descriptions of tools, {of_session}", known(trace.tool_tokens[trace.first[:-1]])),
        "system_tokens": (tokens, f"instructions, {of_session}", known(trace.system_tokens[trace.first[:-1]])),
    }


def _totals(trace: Trace, slices: list[slice]) -> Totals:
    """Sums over the requests of these sessions."""
    sums = np.zeros(13)
    untimed, all_gaps = np.isnan(trace.api_time_s), until_next(trace)
    for part in slices:
        api, think, gaps, out = trace.api_time_s[part], trace.think_time_s[part], all_gaps[part], trace.out_tokens[part]
        wait = think[1:][trace.stop[part][:-1] == "tool_use"]
        new = trace.in_tokens[part] - trace.prefix_hit_tokens[part]
        hours = np.array([
            gaps.sum(), np.nansum(np.minimum(api, gaps)), np.fmin(api, gaps).sum(), np.nansum(wait),
            np.nansum(np.minimum(wait, WAIT_CAP_S)), gaps[gaps > SECONDS_PER_HOUR].sum(), np.nansum(api),
        ]) / SECONDS_PER_HOUR
        tokens = [trace.in_tokens[part].sum(), out.sum(), np.nansum(trace.prefix_hit_tokens[part]), np.nansum(new)]
        sums += [*tokens, *hours, out[~untimed[part]].sum(), out[~np.isnan(new)].sum()]
    requests = sum(part.stop - part.start for part in slices)
    without = sum(int(untimed[part].sum()) for part in slices)
    return Totals(len(slices), requests, *(rounded(value) for value in sums), without)


def _growth(contexts: list[NDArray[np.float64]]) -> Growth:
    turns = [turn for turn in TURNS if any(len(each) >= turn for each in contexts)]
    there = [[each[turn - 1] for each in contexts if len(each) >= turn] for turn in turns]
    tokens = {
        str(percent): tuple(rounded(np.percentile(values, percent)) for values in there) for percent in TURN_PERCENTS
    }
    return Growth(tuple(turns), tuple(len(values) for values in there), tokens)


def _distribution(unit: str, what: str, values: ArrayLike) -> Distribution:
    values = np.asarray(values, float)
    if not values.size:
        return Distribution(unit, what, 0, None, ())
    quantiles = tuple(rounded(value) for value in np.percentile(values, PERCENTS))
    return Distribution(unit, what, int(values.size), rounded(values.mean()), quantiles)


def _share(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """part / whole, where both are known and the whole is not 0."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    fits = (whole > 0) & ~np.isnan(part)
    return part[fits] / whole[fits]


def _sum_known(values: NDArray[np.float64]) -> float:
    """The sum of those that are not NaN; NaN where all are."""
    return math.nan if np.isnan(values).all() else float(np.nansum(values))


def known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those that are not NaN."""
    return values[~np.isnan(values)]


def ratio(part: float, whole: float) -> float:
    """part / whole, NaN where there is nothing to divide by."""
    return part / whole if whole else math.nan


def rounded(value: float) -> float:
    """To DIGITS significant digits."""
    return float(f"{value:.{DIGITS}g}")

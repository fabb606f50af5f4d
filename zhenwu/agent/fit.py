"""From recorded sessions to the model that makes others up.

First everything is measured. But tables that are drawn from together do not give themselves back: sessions that add
much are soon long, so short contexts are left to those that add little. So the fit is repeated on sessions that the
model made, and each table moved by what came out too high or too low, in smaller and smaller steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.generate import drawn, stretched
from zhenwu.agent.kinds import Ends, Leanings, kinds, limit, limit_of, matrix, passes, possible
from zhenwu.agent.links import links
from zhenwu.agent.quantiles import SECONDS_PER_HOUR
from zhenwu.agent.session_model import Limit, SessionModel, Stop
from zhenwu.agent.sessions import AgentSession, trace_of
from zhenwu.agent.spread import PERCENTS, Spread, rounded, scores
from zhenwu.agent.steps import Steps
from zhenwu.agent.tables import tables
from zhenwu.agent.traces import Trace

FEWEST_SESSIONS = 20  # that a model is fitted to
STEPS = (  # sessions that the model makes, and how far it is then moved
    (4000, 1.0), (4000, 0.8), (4000, 0.6), (4000, 0.5), (5000, 0.4), (5000, 0.3), (8000, 0.25), (8000, 0.2),
    (12000, 0.2),
)
STRETCH = (0.6, 2.5)  # least and most
Advance = Callable[[int, int], None]


def fit(sessions: Sequence[AgentSession]) -> SessionModel:
    """The model of these sessions. ValueError if they are few."""
    return fit_trace(trace_of(sessions))


def fit_trace(trace: Trace, about: Mapping[str, str] | None = None, advance: Advance | None = None) -> SessionModel:
    """The model of a trace's sessions; `advance` is told steps done and steps to do. ValueError if they are few."""
    if len(trace.sessions) < FEWEST_SESSIONS:
        found = f"{len(trace.sessions)} session{'' if len(trace.sessions) == 1 else 's'}"
        raise ValueError(f"{trace.name}: has {found}; expected {FEWEST_SESSIONS} or more to fit a model to")
    steps = Steps(trace)
    measured, beyond = tables(steps), limit_of(steps)
    large = passes(steps, beyond)
    parts = [limit(steps, mine, most) for mine, most in ((~large, beyond), (large, 0.0)) if mine.any()]
    if not large.any():  # there is no limit, or none that matters
        parts = [(replace(part, most=0.0), used) for part, used in parts]
    leanings = Leanings.of(steps, measured.score)
    stops = tuple(each.name for each in measured.fields["stops"])
    found, spread = kinds(steps, stops, large, sum(used for _, used in parts), leanings)
    most = int(rounded(2 * np.percentile(np.diff(trace.first), 99)))
    model = SessionModel(
        about=dict(about or {}), links=links(trace), most_requests=most, kinds=found,
        limits=tuple(part for part, _ in parts), spread=matrix(spread), mood=_row(leanings.mood),
        memory=_row(leanings.memory), rest=_row(1 - leanings.far - leanings.mood), together=matrix(leanings.together),
        **measured.fields,
    )
    return _settled(model, trace, beyond, advance)


def _row(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(map(rounded, values))


class _Seen:
    """What a trace shows of that which a model is moved by."""

    def __init__(self, trace: Trace, model: SessionModel, beyond: float):
        steps = Steps(trace)
        found = tables(steps, model.small, model.outputs)
        self.growth, self.stops = found.fields["growth"], {each.name: each for each in found.fields["stops"]}
        self.hours = np.percentile(_hours(trace), PERCENTS)
        self.links = _links(steps, Leanings.of(steps, found.score).means)
        large = np.zeros(len(trace.sessions), bool)
        if len(model.limits) > 1:
            large = np.maximum.reduceat(trace.in_tokens, trace.first[:-1]) > beyond
        compacts = steps.per_session(steps.compacts) > 0
        self.ends, self.compacting, self.share, self.start = [], [], [], []
        for each, mine in zip(model.limits, (~large, large), strict=False):
            requests = mine[steps.session]
            self.ends.append(Ends.of(steps, requests, each.contexts, each.turns))
            self.compacting.append(compacts[mine].mean() if mine.any() else 0.0)
            self.share.append(requests.mean())
            self.start.append(Spread.of_counts(trace.in_tokens[trace.first[:-1]][mine], each.start))


def _hours(trace: Trace) -> NDArray[np.float64]:
    return (trace.t_s[trace.first[1:] - 1] - trace.t_s[trace.first[:-1]]) / SECONDS_PER_HOUR


def _links(steps: Steps, means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance of a session's scores: length, first context and the mean of each quantity."""
    trace = steps.trace
    outside = [scores(np.diff(trace.first).astype(float)), scores(trace.in_tokens[trace.first[:-1]])]
    score = np.concatenate([np.stack(outside, axis=1), means], axis=1)
    known = ~np.isnan(score)
    mean = np.nansum(score, axis=0) / np.maximum(known.sum(axis=0), 1)
    rest = np.nan_to_num(score - mean)
    return rest.T @ rest / np.maximum(known.T.astype(float) @ known, 1)


def _settled(model: SessionModel, trace: Trace, beyond: float, advance: Advance | None) -> SessionModel:
    wanted = _Seen(trace, model, beyond)
    for step, (sessions, gain) in enumerate(STEPS):
        plain = drawn(model, step, sessions)
        model = _moved(model, wanted, _Seen(stretched(model, plain), model, beyond), gain, _hours(plain))
        if advance:
            advance(step + 1, len(STEPS))
    return model


def _moved(model: SessionModel, wanted: _Seen, found: _Seen, gain: float, hours: NDArray) -> SessionModel:
    tied = wanted.links - found.links
    np.fill_diagonal(tied, 0)
    shares = np.divide(wanted.share, np.maximum(found.share, 1e-9))
    pairs = range(len(model.limits))
    model = replace(
        model,
        spread=matrix(possible(np.array(model.spread) + gain * tied)),
        growth=_tables(model.growth, wanted.growth, found.growth, gain),
        stops=tuple(_stop(each, wanted, found, gain) for each in model.stops),
        kinds=tuple(replace(each, share=rounded(each.share * np.clip(shares[each.limit], 0.5, 2) ** (gain / 2)))
                    for each in model.kinds),
        limits=tuple(_limit(model.limits[each], wanted, found, each, gain) for each in pairs),
    )
    plain = np.percentile(hours, PERCENTS)  # before waits were stretched
    off = np.clip(wanted.hours / np.maximum(found.hours, 1e-9), 0.5, 2) ** min(1, 2 * gain)
    stretch = np.clip(np.interp(plain, model.hours, model.stretch) * off, *STRETCH)
    return replace(model, hours=_row(plain), stretch=_row(stretch))


Row = Sequence[Spread]


def _tables(mine: Row, wanted: Row, found: Row, gain: float) -> tuple[Spread, ...]:
    return tuple(each.moved(*both, gain) for each, *both in zip(mine, wanted, found, strict=True))


def _stop(mine: Stop, wanted: _Seen, found: _Seen, gain: float) -> Stop:
    want, got = (each.stops.get(mine.name, mine) for each in (wanted, found))
    output, *waits = _tables((mine.output, *mine.waits), (want.output, *want.waits), (got.output, *got.waits), gain)
    return replace(mine, output=output, waits=tuple(waits))


def _limit(mine: Limit, wanted: _Seen, found: _Seen, which: int, gain: float) -> Limit:
    """Rates of ending by turn and by context, and chances of compaction, moved by what came of them."""
    rates = np.array(mine.ends)
    for axis, part in ((0, gain), (1, gain / 2)):
        counts = ((each.ends[which].ends.sum(axis), each.ends[which].turns.sum(axis)) for each in (wanted, found))
        want, got = ((ends + 1e-4) / (turns + 1) for ends, turns in counts)
        off = np.clip(want / got, 0.5, 2) ** part
        rates = rates * (off if axis == 0 else off[:, None])
    some = np.clip(wanted.compacting[which] / max(found.compacting[which], 1e-9), 0.5, 2) ** gain
    start = mine.start.moved(wanted.start[which], found.start[which], gain)
    return replace(mine, start=start, ends=matrix(rates), compacts=_row(np.multiply(mine.compacts, some)),
                   compacts_there=rounded(min(1.0, mine.compacts_there * some)))

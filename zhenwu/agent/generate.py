"""Sessions that never happened, drawn from a SessionModel; a seed repeats them exactly.

All sessions are drawn at once, turn after turn: arrays have an entry for each session that is still alive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhenwu.agent.quantiles import SECONDS_PER_HOUR
from zhenwu.agent.session_model import OUTSIDE, WAITS, SessionModel, growth_band
from zhenwu.agent.sessions import TOOL
from zhenwu.agent.spread import Spread, share_below
from zhenwu.agent.traces import MOST_SECONDS, MOST_TOKENS, Trace

NUMBERS = ("gap_s", "in_tokens", "out_tokens", "prefix_hit_tokens", "think_time_s", "api_time_s")
Advance = Callable[[int, int], None]


@dataclass
class Turns:
    """One turn of all sessions that are alive; in `kind`, `leaning` and `inner` what they are drawn with."""

    session: NDArray[np.int64]
    kind: NDArray[np.int64]
    endurance: NDArray[np.float64]  # what is left of it
    leaning: NDArray[np.float64]  # [alive, quantities], scores
    mood: NDArray[np.float64]  # likewise: what fades from turn to turn
    stop: NDArray[np.int64]  # which of the model's
    gap_s: NDArray[np.float64]  # since the request before
    in_tokens: NDArray[np.float64]
    out_tokens: NDArray[np.float64]
    prefix_hit_tokens: NDArray[np.float64]
    think_time_s: NDArray[np.float64]
    api_time_s: NDArray[np.float64]

    def where(self, alive: NDArray[np.bool_]) -> "Turns":
        return Turns(**{name: values[alive] for name, values in vars(self).items()})


def generate_trace(model: SessionModel, seed: int, sessions: int, advance: Advance | None = None) -> Trace:
    """So many sessions as a trace, named made_0001 and so on; `advance` is told sessions that have ended, and all.

    ValueError if there is to be no session.
    """
    return stretched(model, drawn(model, seed, sessions, advance))


def drawn(model: SessionModel, seed: int, sessions: int, advance: Advance | None = None) -> Trace:
    """The same before waits are stretched; times are not rounded yet."""
    if sessions < 1:
        raise ValueError(f"sessions = {sessions}: expected 1 or more")
    rng = np.random.default_rng(seed)
    turns = _first(model, rng, sessions)
    done = [turns]
    for turn in range(1, model.most_requests):
        turns.endurance = turns.endurance - _used(model, turns, turn)
        turns = turns.where(turns.endurance > 0)
        if advance:
            advance(sessions - len(turns.session), sessions)
        if not len(turns.session):
            break
        turns = _next(model, rng, turns, turn)
        done.append(turns)
    return _trace(model, rng, sessions, done)


def _first(model: SessionModel, rng: np.random.Generator, sessions: int) -> Turns:
    shares = np.array([kind.share for kind in model.kinds])
    kind = rng.choice(len(shares), sessions, p=shares / shares.sum())
    normal = rng.standard_normal((sessions, len(model.spread))) @ _root(model.spread).T
    score = np.array([each.means for each in model.kinds])[kind] + normal
    start = _by_band([each.start for each in model.limits], _limits(model)[kind], share_below(score[:, 1]))
    mood = rng.standard_normal((sessions, len(model.mood))) * np.sqrt(model.mood)
    stop = _which(np.array([each.first for each in model.kinds])[kind], rng.random(sessions))
    reused = start * model.first_reuse.at(rng.random(sessions))
    zero = np.zeros(sessions)
    endurance = -np.log1p(-share_below(score[:, 0]))  # an exponential variable: what a constant chance would use up
    before = Turns(np.arange(sessions), kind, endurance, score[:, len(OUTSIDE):], mood, stop, *[zero] * 6)
    think = zero if any(each.timed for each in model.stops) else zero + np.nan
    return _answered(model, before, stop, _shares(model, rng, before), zero, start, reused, think)


def _shares(model: SessionModel, rng: np.random.Generator, turns: Turns) -> NDArray:
    """Where in each quantity's table this turn stands: leaning, mood and chance."""
    new = rng.standard_normal(turns.mood.shape) @ _root(model.together).T
    return share_below(turns.leaning + turns.mood + new * np.sqrt(model.rest))


def _used(model: SessionModel, turns: Turns, turn: int) -> NDArray:
    """How much of its endurance a session uses up with this turn, of which there were `turn`."""
    used = np.zeros(len(turns.session))
    limits = _limits(model)[turns.kind]
    for index, limit in enumerate(model.limits):
        mine = limits == index
        band = np.searchsorted(limit.contexts, turns.in_tokens[mine], "right")
        used[mine] = np.array(limit.ends)[band, np.searchsorted(limit.turns, turn, "right")]
    return used


def _limits(model: SessionModel) -> NDArray[np.int64]:
    """The limit of each kind."""
    return np.array([each.limit for each in model.kinds])


def _root(covariance: tuple[tuple[float, ...], ...]) -> NDArray[np.float64]:
    """A matrix whose product with its transpose is the covariance, rounded negative parts left out."""
    values, vectors = np.linalg.eigh(np.array(covariance))
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T  # the symmetric one, whatever signs the vectors have


def _next(model: SessionModel, rng: np.random.Generator, before: Turns, turn: int) -> Turns:
    alive, memory = len(before.session), np.array(model.memory)
    new = rng.standard_normal(before.mood.shape) * np.sqrt(model.mood)
    before.mood = memory * before.mood + np.sqrt(1 - memory**2) * new
    shares = _shares(model, rng, before)
    chance = rng.random((6, alive))
    stop = _which(np.array([each.chain for each in model.kinds])[before.kind, before.stop], chance[0])
    context, reused, ended = _context(model, before, turn, shares[:, 0], chance)
    wait, timed = _wait(model, before, turn, shares)
    gap, think = np.nan_to_num(before.api_time_s) + wait, np.where(timed, wait, np.nan)
    return _answered(model, before, stop, shares, gap, context, reused, think).where(~ended)


def _answered(model: SessionModel, before: Turns, stop: NDArray, shares: NDArray, gap: NDArray, context: NDArray,
              reused: NDArray, think: NDArray) -> Turns:
    context = np.clip(np.rint(context), 1, MOST_TOKENS)
    hit = np.full(len(context), np.nan)
    if model.block:
        hit = np.floor(np.minimum(reused, context) / model.block) * model.block
    out = np.maximum(np.rint(_of(stop, [each.output.at(shares[:, 1]) for each in model.stops])), 0)
    timed = _of(stop, [each.timed for each in model.stops])
    answer = np.where(timed, _answer(model, context, out, hit, shares), np.nan)
    return Turns(before.session, before.kind, before.endurance, before.leaning, before.mood, stop, gap, context, out,
                 hit, think, answer)


def _which(chances: NDArray, chance: NDArray) -> NDArray[np.int64]:
    """The first entry of each row at which the sum of chances passes `chance`."""
    return np.minimum((np.cumsum(chances, axis=1) < chance[:, None]).sum(axis=1), chances.shape[1] - 1)


def _of(which: NDArray[np.int64], options: Sequence[ArrayLike]) -> NDArray:
    """For each entry of `which` that option: a value of its own, or one for all."""
    rows = np.stack([np.broadcast_to(each, len(which)) for each in options])
    return rows[which, np.arange(len(which))]


def _context(
    model: SessionModel, before: Turns, turn: int, share: NDArray, chance: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """The context of this turn, how much of it stood there before, and which sessions end instead."""
    held = before.in_tokens
    band = growth_band(model.small, model.outputs, turn, held, before.out_tokens)
    grown = _by_band(model.growth, band, share)
    rates = np.zeros(len(held))
    limits = _limits(model)[before.kind]
    for index, each in enumerate(model.limits):
        mine = limits == index
        rates[mine] = np.array(each.compacts)[np.searchsorted(each.contexts, held[mine], "right")]
    longer = held + np.maximum(grown, 1)
    most = np.array([each.most or np.inf for each in model.limits])[limits]
    there = np.array([each.compacts_there for each in model.limits])[limits]
    trims = chance[1] > 1 - model.trim
    full = (longer > most) & ~trims
    compacts = np.where(full, chance[5] < there, chance[1] < rates)
    broken = chance[2] < _of(before.stop, [each.broken for each in model.stops])
    after = held * model.compacted.at(chance[3])
    context = np.where(compacts, after, np.where(trims, held * model.trimmed.at(chance[3]), longer))
    part = np.where(broken | trims, held * model.broken_reuse.at(chance[4]), held)
    reused = np.where(compacts, after * model.compacted_reuse.at(chance[4]), part)
    return context, reused, full & ~compacts


def _by_band(tables: Sequence[Spread], band: NDArray[np.int64], share: NDArray) -> NDArray:
    """Each share's value, in the table of its band."""
    found = np.empty(len(band))
    for index in np.unique(band):
        mine = band == index
        found[mine] = tables[index].at(share[mine])
    return found


def _wait(model: SessionModel, before: Turns, turn: int, shares: NDArray) -> tuple[NDArray, NDArray]:
    """Seconds from the end of the answer before, or from its request where its time is not known; and which it is."""
    part = np.searchsorted(WAITS, turn, "right")
    waits = [each.waits[part].at(shares[:, 2 if each.name == TOOL else 3]) for each in model.stops]
    return _of(before.stop, waits), _of(before.stop, [each.timed for each in model.stops])


def _ticks(model: SessionModel, seconds: NDArray) -> NDArray:
    return np.round(np.rint(seconds / model.clock_s) * model.clock_s, 3)


def _answer(model: SessionModel, context: NDArray, out: NDArray, hit: NDArray, shares: NDArray) -> NDArray:
    a, b, c, d = model.answer
    new = context - np.nan_to_num(hit)
    usual = np.exp(a + b * np.log(np.maximum(out, 1)) + c * np.log(context) + d * np.log(np.maximum(new, 1)))
    return np.round(usual * model.answer_factor.at(shares[:, 4]), 2)


def _trace(model: SessionModel, rng: np.random.Generator, sessions: int, done: list[Turns]) -> Trace:
    session = np.concatenate([each.session for each in done])
    order = np.argsort(session, kind="stable")  # turns stand in their order
    requests = np.bincount(session, minlength=sessions)
    columns = {name: np.concatenate([getattr(each, name) for each in done])[order] for name in NUMBERS}
    stop = np.concatenate([each.stop for each in done])[order]
    room, prefix = done[0].in_tokens, {}
    for name, table in (("system_tokens", model.system), ("tool_tokens", model.tools)):
        tokens = np.full(sessions, np.nan) if table is None else np.rint(table.at(rng.random(sessions)))
        tokens = np.minimum(tokens, room)  # a first context holds both
        prefix[name] = np.repeat(tokens, requests)
        room = room - np.nan_to_num(tokens)
    digits = max(4, len(str(sessions)))
    first = np.concatenate([[0], np.cumsum(requests)])
    t_s = np.cumsum(columns.pop("gap_s"))
    return Trace(
        "made", tuple(f"made_{number:0{digits}}" for number in range(1, sessions + 1)), first,
        t_s=t_s - np.repeat(t_s[first[:-1]], requests), **columns, **prefix,
        stop=np.array([each.name for each in model.stops])[stop], model=np.full(len(stop), ""),
    )


def stretched(model: SessionModel, trace: Trace) -> Trace:
    """Each session's waits stretched as belongs to its hours, and all times rounded to the clock."""
    first, last = trace.first[:-1], trace.first[1:] - 1
    factor = np.interp((trace.t_s[last] - trace.t_s[first]) / SECONDS_PER_HOUR, model.hours, model.stretch)
    factor = np.repeat(factor, np.diff(trace.first))
    gap = np.diff(trace.t_s, prepend=0)
    gap[first] = 0
    wait = np.where(np.isnan(trace.think_time_s), gap, np.minimum(trace.think_time_s, gap))
    t_s = np.cumsum(_ticks(model, gap - wait + wait * factor))
    t_s = np.minimum(np.round(t_s - np.repeat(t_s[first], np.diff(trace.first)), 3), MOST_SECONDS)
    return replace(trace, t_s=t_s, think_time_s=_ticks(model, trace.think_time_s * factor))

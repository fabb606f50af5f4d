"""The tables of a SessionModel, measured on a trace; and each turn's scores: where in its table it stands."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.session_model import EARLY, QUANTITIES, WAITS, Stop, growth_band, growth_bands
from zhenwu.agent.sessions import TOOL
from zhenwu.agent.spread import FEWEST, Spread, rounded, scores
from zhenwu.agent.steps import Steps

SMALL = (10, 30)  # percents of contexts
OUTPUTS = (20, 40, 60, 80)  # percents of outputs


@dataclass(frozen=True)
class Tables:
    """`fields` of a SessionModel, and scores [requests, quantities], NaN where a turn has no such quantity."""

    fields: dict[str, Any]
    score: NDArray[np.float64]


def tables(steps: Steps, small: tuple[float, ...] | None = None, outputs: tuple[float, ...] | None = None) -> Tables:
    """Measured in the bands whose edges are given, or else in bands of its own."""
    trace = steps.trace
    score = np.full((len(steps.turn), len(QUANTITIES)), np.nan)
    small = small or tuple(map(rounded, np.percentile(trace.in_tokens, SMALL)))
    outputs = outputs or tuple(map(rounded, np.percentile(trace.out_tokens, OUTPUTS)))
    stops = tuple(_stop(steps, str(name), score) for name in np.unique(trace.stop))
    answer, factor = _answer(steps)
    _score(score[:, 4], ~np.isnan(factor), factor)
    growth = _growth(steps, small, outputs, score[:, 0])
    hits = trace.prefix_hit_tokens[~np.isnan(trace.prefix_hit_tokens)]
    reuse = trace.prefix_hit_tokens / np.maximum(trace.in_tokens, 1)
    whole = not (trace.t_s % 1).any() and not (np.nan_to_num(trace.think_time_s) % 1).any()
    at_first = trace.first[:-1]
    return Tables({
        "clock_s": 1.0 if whole else 0.001,
        "block": int(np.gcd.reduce(hits.astype(np.int64))) if hits.any() else 0,
        "stops": stops, "small": small, "outputs": outputs, "growth": growth,
        "compacted": _known(steps.ratio[steps.compacts], 1.0),
        "compacted_reuse": _known(reuse[steps.compacts], 0.0),
        "trim": rounded(steps.trims.sum() / max(1, steps.follows.sum())),
        "trimmed": _known(steps.ratio[steps.trims], 1.0),
        "broken_reuse": _known(steps.kept[steps.broken], 0.0),
        "first_reuse": _known(reuse[at_first], 0.0),
        "answer": answer, "answer_factor": _known(factor, 1.0),
        "tools": _some(trace.tool_tokens[at_first]), "system": _some(trace.system_tokens[at_first]),
    }, score)


def _known(values: NDArray[np.float64], otherwise: float) -> Spread:
    """Fitted to what is known; without FEWEST values, `otherwise` for all."""
    return Spread.of(values[~np.isnan(values)], Spread.of([otherwise]))


def _some(values: NDArray[np.float64]) -> Spread | None:
    values = values[~np.isnan(values)]
    return Spread.of_counts(values) if len(values) >= FEWEST else None


def _score(column: NDArray[np.float64], mine: NDArray[np.bool_], values: NDArray[np.float64]) -> None:
    if mine.any():
        column[mine] = scores(values[mine])


def _growth(steps: Steps, small: tuple[float, ...], outputs: tuple[float, ...], column: NDArray) -> tuple[Spread, ...]:
    band = growth_band(small, outputs, np.maximum(steps.turn, EARLY[0]), steps.before, steps.out_before)
    usual, found = Spread.of_counts(steps.grown[steps.grows], Spread.of([1.0])), []
    for each in range(growth_bands(small, outputs)):
        mine = steps.grows & (band == each)
        _score(column, mine, steps.grown)
        found.append(Spread.of_counts(steps.grown[mine], usual))
    return tuple(found)


def _stop(steps: Steps, name: str, score: NDArray) -> Stop:
    trace = steps.trace
    mine = trace.stop == name
    _score(score[:, 1], mine, trace.out_tokens)
    timed = bool((~np.isnan(trace.api_time_s[mine])).mean() > 0.5)
    wait, band = steps.waits(name, timed), np.searchsorted(WAITS, steps.turn, "right")
    known = ~np.isnan(wait)
    usual, waits = Spread.of_counts(wait[known], Spread.of([0.0])), []
    for each in range(len(WAITS) + 1):
        here = known & (band == each)
        _score(score[:, 2 if name == TOOL else 3], here, wait)
        waits.append(Spread.of_counts(wait[here], usual))
    after = steps.grows & (steps.stop_before == name)
    broken = steps.broken[after].mean() if after.any() else 0.0
    return Stop(name, timed, Spread.of_counts(trace.out_tokens[mine]), tuple(waits), rounded(broken))


def _answer(steps: Steps) -> tuple[tuple[float, ...], NDArray[np.float64]]:
    """The power law of the answer's time, by least squares; and what each answer takes over it, NaN if not timed."""
    trace = steps.trace
    known, factor = trace.api_time_s > 0, np.full(len(steps.turn), np.nan)
    if known.sum() < FEWEST:
        return (0.0,) * 4, factor
    new = trace.in_tokens - np.nan_to_num(trace.prefix_hit_tokens)
    sizes = [np.log(np.maximum(each[known], 1)) for each in (trace.out_tokens, trace.in_tokens, new)]
    terms, log = np.stack([np.ones(known.sum()), *sizes], axis=1), np.log(trace.api_time_s[known])
    law = np.linalg.lstsq(terms, log, rcond=None)[0]
    factor[known] = np.exp(log - terms @ law)
    return tuple(map(rounded, law)), factor

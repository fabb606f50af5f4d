"""A trace whose turns are dealt again like cards: its tables stay by construction, what ties turns together does not.

Chapter: sessions that never happened.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.session_model import EARLY, WAITS, SessionModel, growth_band
from zhenwu.agent.steps import Steps
from zhenwu.agent.traces import Trace

SEED = 1


def dealt(model: SessionModel, trace: Trace, *, within: bool) -> Trace:
    """Each growth and each wait given to another turn of the same band: of its own session if `within`, else of any.

    Contexts are added up anew; a turn that compacts or is trimmed keeps the share that it leaves, and every request the
    share that it reuses, in whole blocks. A session dealt within itself keeps its hours.
    """
    steps, rng = Steps(trace), np.random.default_rng(SEED)
    own = (steps.session,) if within else ()
    band = growth_band(model.small, model.outputs, np.maximum(steps.turn, EARLY[0]), steps.before, steps.out_before)
    context = _contexts(steps, _shuffled(steps.grown, steps.grows, (band, *own), rng))
    timed = ~np.isnan(trace.think_time_s)
    stops = np.unique(steps.stop_before, return_inverse=True)[1]
    waited = np.where(timed, trace.think_time_s, steps.gap)
    packs = (np.searchsorted(WAITS, steps.turn, "right"), stops, timed, *own)
    wait = _shuffled(waited, steps.follows, packs, rng)
    gap = np.where(steps.follows, steps.gap - waited + wait, 0)
    t_s = np.cumsum(gap)
    block = model.block or 1
    hit = np.minimum(np.floor(trace.prefix_hit_tokens * context / trace.in_tokens / block) * block, context)
    return replace(trace, t_s=t_s - np.repeat(t_s[trace.first[:-1]], np.diff(trace.first)), in_tokens=context,
                   prefix_hit_tokens=hit, think_time_s=np.where(timed, wait, np.nan))


def _shuffled(
    values: NDArray[np.float64], mine: NDArray[np.bool_], packs: Sequence[NDArray], rng: np.random.Generator
) -> NDArray[np.float64]:
    """The values, those that are `mine` in another order within each pack: turns that all of `packs` give one name."""
    places = np.flatnonzero(mine)
    order, other = (np.lexsort((rng.random(len(places)), *(pack[places] for pack in packs))) for _ in range(2))
    found = values.copy()
    found[places[order]] = values[places[other]]
    return found


def _contexts(steps: Steps, grown: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the contexts come to, turn after turn of all sessions at once."""
    first, turns = steps.trace.first[:-1], np.diff(steps.trace.first)
    context = steps.trace.in_tokens.copy()
    for turn in range(1, turns.max()):
        at = first[turns > turn] + turn
        before = context[at - 1]
        context[at] = np.where(steps.grows[at], before + grown[at], np.maximum(np.rint(before * steps.ratio[at]), 1))
    return context

"""Kinds of session, their limits and leanings, measured on a trace."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.session_model import Kind, Limit
from zhenwu.agent.spread import FEWEST, Spread, rounded, scores
from zhenwu.agent.steps import Steps

BEYOND = 1.1  # a session whose context passes the usual one before compaction by so much has another limit
BANDS = range(10, 100, 10)  # percents of the contexts at which sessions end or compact, and of their numbers of turns
PRIOR = 3.0  # ends that are taken to be as usual in each band, lest few say too much
ROUNDS = 200  # of fitting rows and columns in turn
FAR = range(30, 81, 10)  # turns apart, at which only the leaning is left
NEAR, LATER = 1, 5  # turns apart, at which a mood is measured
SLOW = 4.0  # turns for which a session's mean score counts half


def limit_of(steps: Steps) -> float:
    """The context that sessions do not pass unless they have another limit; infinite if hardly any compacts."""
    at = steps.before[steps.compacts]
    return rounded(BEYOND * np.median(at)) if len(at) >= FEWEST else np.inf


def passes(steps: Steps, limit: float) -> NDArray[np.bool_]:
    """Which sessions pass the limit; if nearly none do, or nearly all, none."""
    large = np.maximum.reduceat(steps.trace.in_tokens, steps.trace.first[:-1]) > limit
    return large if min(large.sum(), (~large).sum()) >= FEWEST else np.zeros_like(large)


@dataclass(frozen=True)
class Ends:
    """Where the sessions of one limit end: counts by bands of context and turn."""

    ends: NDArray[np.float64]  # [contexts, turns]
    turns: NDArray[np.float64]  # likewise, all of them

    @staticmethod
    def of(steps: Steps, mine: NDArray[np.bool_], contexts: tuple[float, ...], turns: tuple[float, ...]) -> "Ends":
        """Of the requests that are `mine`."""
        band = np.searchsorted(contexts, steps.trace.in_tokens, "right")
        number = np.searchsorted(turns, steps.turn + 1, "right")
        shape = len(contexts) + 1, len(turns) + 1
        cell = band * shape[1] + number
        counts = (np.bincount(cell[which], minlength=shape[0] * shape[1]) for which in (mine & steps.last, mine))
        return Ends(*(count.reshape(shape).astype(float) for count in counts))

    def rates(self) -> NDArray[np.float64]:
        """Ends a turn: a product of a context's and a turn's, drawn towards what each band itself shows."""
        rows, columns = np.ones(self.ends.shape[0]), np.ones(self.ends.shape[1])
        for _ in range(ROUNDS):
            rows = self.ends.sum(axis=1) / np.maximum(self.turns @ columns, 1e-9)
            columns = self.ends.sum(axis=0) / np.maximum(rows @ self.turns, 1e-9)
        usual = np.outer(rows, columns)
        return usual * (self.ends + PRIOR) / (usual * self.turns + PRIOR)


def limit(steps: Steps, which: NDArray[np.bool_], most: float) -> tuple[Limit, NDArray[np.float64]]:
    """What is fitted to these sessions, and the endurance that each session used up, 0 for all others."""
    context, mine = steps.trace.in_tokens, which[steps.session]
    at = np.concatenate([steps.before[mine & steps.compacts], context[mine & steps.last]])
    contexts = tuple(map(rounded, np.unique(np.percentile(at, BANDS))))
    turns = tuple(map(float, np.unique(np.percentile(np.diff(steps.trace.first)[which], BANDS).round())))
    rates = Ends.of(steps, mine, contexts, turns).rates()
    bands = len(contexts) + 1
    compacts, all_turns = (
        np.bincount(np.searchsorted(contexts, steps.before[mine & each], "right"), minlength=bands)
        for each in (steps.compacts, steps.follows)
    )
    used = rates[np.searchsorted(contexts, context, "right"), np.searchsorted(turns, steps.turn + 1, "right")]
    start = Spread.of_counts(context[steps.trace.first[:-1]][which])
    chances = tuple(map(rounded, compacts / np.maximum(all_turns, 1)))
    ends = (mine & steps.last & (context > contexts[-1])).sum()  # in the last band, where a session ends or compacts
    there = rounded(compacts[-1] / max(1, compacts[-1] + ends))
    found = Limit(start, most, there, contexts, chances, turns, matrix(rates))
    return found, steps.per_session(np.where(mine, used, 0))


@dataclass(frozen=True)
class Leanings:
    """Of each quantity: the part of its scores' variance that belongs to the session, to its mood, and to a turn."""

    far: NDArray[np.float64]
    mood: NDArray[np.float64]
    memory: NDArray[np.float64]
    together: NDArray[np.float64]
    means: NDArray[np.float64]  # [sessions, quantities], NaN where a session has none
    counts: NDArray[np.float64]

    @staticmethod
    def of(steps: Steps, score: NDArray[np.float64]) -> "Leanings":
        """From how alike the scores of two turns of a session are, near and far."""
        known = ~np.isnan(score)
        columns = range(score.shape[1])
        counts = np.stack([steps.per_session(known[:, each]) for each in columns], axis=1)
        sums = np.stack([steps.per_session(np.nan_to_num(score[:, each])) for each in columns], axis=1)
        means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        far = np.clip(np.mean([_alike(steps, score, apart) for apart in FAR], axis=0), 0, 0.5)
        near, later = (np.maximum(_alike(steps, score, apart) - far, 1e-6) for apart in (NEAR, LATER))
        memory = np.clip((later / near) ** (1 / (LATER - NEAR)), 0.1, 0.95)
        mood = np.minimum(near / memory**NEAR, 0.45)
        return Leanings(far, mood, memory, _together(score - means[steps.session]), means, counts)


def _alike(steps: Steps, score: NDArray[np.float64], apart: int) -> NDArray[np.float64]:
    """Mean product of the scores of two turns of one session; 0 where there are few such pairs."""
    same = steps.session[apart:] == steps.session[:-apart]
    products = (score[apart:] * score[:-apart])[same]
    count = (~np.isnan(products)).sum(axis=0)
    return np.where(count >= 10 * FEWEST, np.nansum(products, axis=0) / np.maximum(count, 1), 0.0)


def _together(inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlation of quantities within a turn; 0 where few turns have both, or one of them does not vary."""
    found = np.eye(inner.shape[1])
    for one in range(len(found)):
        for other in range(one):
            both = inner[~np.isnan(inner[:, [one, other]]).any(axis=1)][:, [one, other]]
            if len(both) >= 10 * FEWEST and both.std(axis=0).all():
                found[one, other] = found[other, one] = np.corrcoef(both.T)[0, 1]
    return found


def kinds(
    steps: Steps, stops: tuple[str, ...], large: NDArray[np.bool_], used: NDArray[np.float64], leanings: Leanings
) -> tuple[tuple[Kind, ...], NDArray[np.float64]]:
    """The kinds that have FEWEST sessions, and the covariance of scores within a kind."""
    unknown = np.isnan(steps.trace.api_time_s)
    share = steps.per_session(unknown) / np.diff(steps.trace.first)
    number = 2 * large + ((share > 0) & (share < 1))
    present = [each for each in range(4) if (number == each).sum() >= FEWEST] or [int(np.bincount(number).argmax())]
    number = np.where(np.isin(number, present), number, max(present, key=lambda each: (number == each).sum()))
    score = np.concatenate([_outside(steps, large, used), leanings.means], axis=1)
    weight = np.concatenate([np.ones((len(score), 2)), leanings.counts / (leanings.counts + SLOW)], axis=1)
    found, rest = [], np.zeros_like(score)
    for each in present:
        mine = number == each
        means = np.nansum(weight[mine] * score[mine], axis=0) / np.maximum(weight[mine].sum(axis=0), 1e-9)
        rest[mine] = weight[mine] * np.nan_to_num(score[mine] - means)
        limit = int(each >= 2 and bool((~large).any()))
        found.append(_kind(steps, stops, mine[steps.session], rounded(mine.mean()), limit, means))
    return tuple(found), _spread(rest, weight, leanings.far, found)


def _outside(steps: Steps, large: NDArray[np.bool_], used: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of endurance, as what was used of it; and of the first context, among sessions of the same limit."""
    start, first = np.zeros(len(large)), steps.trace.in_tokens[steps.trace.first[:-1]]
    for mine in (large, ~large):
        if mine.any():
            start[mine] = scores(first[mine])
    return np.stack([scores(1 - np.exp(-used)), start], axis=1)


def _kind(
    steps: Steps, stops: tuple[str, ...], mine: NDArray[np.bool_], share: float, limit: int, means: NDArray
) -> Kind:
    index, after = (np.searchsorted(stops, each) for each in (steps.trace.stop, steps.stop_before))
    first = np.bincount(index[mine & ~steps.follows], minlength=len(stops))
    pairs = mine & steps.follows
    chain = np.bincount(after[pairs] * len(stops) + index[pairs], minlength=len(stops) ** 2).reshape(len(stops), -1)
    chain = chain + 1e-9  # a stop that nothing follows is followed by any
    return Kind(share, limit, tuple(map(rounded, means)), tuple(map(rounded, first / first.sum())),
                matrix(chain / chain.sum(axis=1, keepdims=True)))


def _spread(rest: NDArray, weight: NDArray, far: NDArray, found: list[Kind]) -> NDArray[np.float64]:
    """Covariance within a kind: of a leaning what is left of its variance, and the correlations that means show."""
    known = np.where(rest == 0, 0, weight)
    covariance = rest.T @ rest / np.maximum(known.T @ known, 1e-9)
    between = sum(each.share * np.square(each.means[2:]) for each in found)
    wanted = np.concatenate([np.diag(covariance)[:2], np.maximum(far - between, 0.02)])
    scale = np.sqrt(wanted / np.maximum(np.diag(covariance), 1e-9))
    return possible(covariance * np.outer(scale, scale))


def possible(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix near it that can be a covariance, with the same variances."""
    values, vectors = np.linalg.eigh(covariance)
    near = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = np.sqrt(np.diag(covariance) / np.maximum(np.diag(near), 1e-9))
    return near * np.outer(scale, scale)


def matrix(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(rounded, row)) for row in values)

"""Two agents on the same sessions' seeds: the ratio of their hazards, with an interval that knows of the pairs.

A seed that is hard for one is likely hard for the other, so seeds are drawn anew, each with what both agents made of
it: a bootstrap. Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhenwu.study.cell import Outcome

DRAWS, SEED = 4000, 7
SHARES = (0.025, 0.975)  # of the draws: the ends of a 95 % interval
FEWEST = 10  # first wrong turns of each: with fewer a bootstrap has nothing to draw from


class Paired(NamedTuple):
    """Hazard of one over that of the other, on so many common seeds; how many failed both agents, or one alone."""

    seeds: int
    both: int
    this: int
    other: int
    ratio: float
    low: float
    high: float


def failures(outcome: Outcome, seeds: NDArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of the seeds: did a turn go wrong (0 or 1), and the turns until then."""
    clean = outcome.columns["errors"] == 0
    place = np.searchsorted(seeds, outcome.columns["session"])
    known = clean & (place < len(seeds))
    known[known] = seeds[place[known]] == outcome.columns["session"][known]
    failed = np.bincount(place[known], outcome.columns["wrong"][known], len(seeds)).astype(np.int64)
    return failed, np.bincount(place[known], minlength=len(seeds))


def paired(one: Outcome, other: Outcome) -> Paired | None:
    """The comparison on the seeds that both have; None where either failed too seldom for an interval."""
    seeds = np.intersect1d(one.columns["session"], other.columns["session"])
    (failed, turns), (failed_other, turns_other) = (failures(each, seeds) for each in (one, other))
    if min(failed.sum(), failed_other.sum()) < FEWEST:
        return None

    def ratio(drawn: NDArray) -> NDArray[np.float64]:
        sums = [each[drawn].sum(axis=-1) for each in (failed, turns, failed_other, turns_other)]
        with np.errstate(divide="ignore"):
            return sums[0] / sums[1] / (sums[2] / sums[3])

    rng = np.random.default_rng(SEED)
    low, high = np.quantile(ratio(rng.integers(0, len(seeds), (DRAWS, len(seeds)))), SHARES)
    both = int((failed & failed_other).sum())
    found = float(ratio(np.arange(len(seeds))))
    assert math.isfinite(found)
    return Paired(len(seeds), both, int(failed.sum()) - both, int(failed_other.sum()) - both, found, float(low),
                  float(high))

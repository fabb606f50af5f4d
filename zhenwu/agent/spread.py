"""A fitted distribution: a few quantiles, and beyond the last of them a tail of one number."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

PERCENTS = (1, 2, 5, *range(10, 91, 5), 95, 98, 99)
FEWEST = 30  # values that a distribution of its own is fitted to
DIGITS = 4  # significant ones of a fitted number
SMOOTHED = 2  # times, when a table is moved
STEPS = np.linspace(-6, 6, 4801)  # of the normal distribution, on which it is looked up
BELOW = np.array([NormalDist().cdf(step) for step in STEPS])


@dataclass(frozen=True)
class Spread:
    """Quantiles at PERCENTS of values of 0 or more, and above p99 the tail of a Pareto distribution with the same mean.

    No value that it was fitted to can be read off: a quantile lies between two of them and is rounded.
    """

    quantiles: tuple[float, ...]
    tail: float
    count: int  # of the values; the tail goes no further than so many values would

    @staticmethod
    def of(values: ArrayLike, otherwise: "Spread | None" = None) -> "Spread":
        """Fitted to these values, or, if they are few, `otherwise`. ValueError without any."""
        values = np.asarray(values, float)
        if len(values) < FEWEST and otherwise is not None:
            return otherwise
        if not len(values):
            raise ValueError("there are no values; expected one at least")
        quantiles = np.percentile(values, PERCENTS)
        beyond = values[values > quantiles[-1]]
        # the mean beyond q is q / (1 - tail)
        tail = max(0.0, 1 - quantiles[-1] / beyond.mean()) if len(beyond) else 0.0
        return Spread(tuple(map(rounded, quantiles)), rounded(tail), len(values))

    @staticmethod
    def of_counts(values: ArrayLike, otherwise: "Spread | None" = None) -> "Spread":
        """The same for values that are rounded when they are drawn: tokens, and seconds of a coarse clock."""
        return Spread.of(untied(np.asarray(values, float)), otherwise)

    def at(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values below which these shares of all lie; float64, one a share."""
        last = PERCENTS[-1] / 100
        found = np.expm1(np.interp(share, np.divide(PERCENTS, 100), np.log1p(self.quantiles)))
        left = np.maximum(1 - share, 1 / (2 * max(self.count, 1)))
        return np.where(share > last, self.quantiles[-1] * np.maximum((1 - last) / left, 1) ** self.tail, found)

    def moved(self, wanted: "Spread", found: "Spread", gain: float) -> "Spread":
        """Each quantile times what is wanted over what was found, to the power of `gain`; at most twice or half.

        The factors are smoothed over neighbours: one quantile's chance is no reason to bend a table.
        """
        both = np.array([wanted.quantiles, found.quantiles])
        ratio = np.divide(*both, out=np.ones(len(PERCENTS)), where=(both > 0).all(axis=0))
        steps = gain * np.log(np.clip(ratio, 0.5, 2))
        for _ in range(SMOOTHED):
            steps = np.convolve(np.pad(steps, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
        values = np.sort(self.quantiles * np.exp(steps))
        return Spread(tuple(map(rounded, values)), self.tail, self.count)


def untied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole numbers spread evenly over what rounds to them, so that quantiles move in small steps; sorted."""
    values = np.sort(values)
    if (values % 1).any():
        return values
    first, last = (np.searchsorted(values, values, side) for side in ("left", "right"))
    return np.maximum(values + (np.arange(len(values)) - first + 0.5) / (last - first) - 0.5, 0)


def scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each value stands among all, as a normal variable: the middle one 0, one in six beyond 1. Ties share."""
    order = np.sort(values)
    middle = (np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right")) / (2 * len(values))
    return np.interp(middle, BELOW, STEPS)


def share_below(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of a score: the share of all that lies below it, 0 to 1."""
    return np.interp(score, STEPS, BELOW)


def rounded(value: float) -> float:
    """To DIGITS significant digits."""
    return float(f"{value:.{DIGITS}g}")


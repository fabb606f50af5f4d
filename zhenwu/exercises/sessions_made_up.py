"""Exercises of the chapter "Sessions that never happened"."""

import random
from collections.abc import Sequence

from zhenwu.exercises.exercise import Exercise

PERCENTS = (1, 10, 25, 50, 75, 90, 99)
MARGIN = 0.02  # of a token: no case is nearer to where rounding turns
ROUNDED_UP = 3  # cases
MOONCAKE_BLOCK, BAILIAN_BLOCK = 512, 16  # tokens


def mean_beyond(p99: int, tail: float) -> int:
    """The mean of what lies beyond p99, in whole tokens, of a Pareto tail."""
    return round(p99 / (1 - tail))


def is_clear(value: float) -> bool:
    """Whether a value rounds to the same whole number however it is computed."""
    return abs(value % 1 - 0.5) > MARGIN


def tails(rng: random.Random) -> list[tuple[int, float]]:
    """Short tails and long ones, and one that is none."""
    cases = [(rng.randrange(500, 9000), 0.0)]
    while len(cases) < 10:
        case = rng.randrange(500, 90_000), rng.randrange(5, 90) / 100
        if is_clear(case[0] / (1 - case[1])):
            cases.append(case)
    return cases


def between(percents: Sequence[int], quantiles: Sequence[int], share: float) -> float:
    """On the straight line between the two entries on either side; at an end, the end."""
    percent = 100 * share
    if percent <= percents[0]:
        return quantiles[0]
    for (left, low), (right, high) in zip(
        zip(percents, quantiles, strict=True), zip(percents[1:], quantiles[1:], strict=False), strict=False
    ):
        if percent <= right:
            return low + (high - low) * (percent - left) / (right - left)
    return quantiles[-1]


def drawn(percents: Sequence[int], quantiles: Sequence[int], share: float) -> int:
    """The value of a table below which this share lies, in whole tokens."""
    return round(between(percents, quantiles, share))


def shares(rng: random.Random) -> list[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """Tables of other lengths; shares within, on an entry, and beyond both ends. The first are rounded up."""
    cases = []
    while len(cases) < 14:
        percents = tuple(sorted(rng.sample(PERCENTS, rng.randint(2, len(PERCENTS)))))
        quantiles = tuple(sorted(rng.sample(range(50, 40_000), len(percents))))
        share = rng.choice((rng.randrange(1000) / 1000, percents[-2] / 100, 0.001, 0.999))
        value = between(percents, quantiles, share)
        if is_clear(value) and (len(cases) >= ROUNDED_UP or value % 1 > 0.5):
            cases.append((percents, quantiles, share))
    return cases


def reused(request: Sequence[int], earlier: Sequence[Sequence[int]], block: int, input_tokens: int) -> int:
    """Tokens of a request's beginning that an earlier one began with too."""
    most = 0
    for each in earlier:
        same = 0
        while same < min(len(each), len(request)) and each[same] == request[same]:
            same += 1
        most = max(most, same)
    return min(most * block, input_tokens)


def requests(rng: random.Random) -> list[tuple[list[int], list[list[int]], int, int]]:
    """Beginnings that are shared by no, one or two earlier requests; last blocks that are not full; blocks that come
    again elsewhere."""
    cases = []
    for index in range(12):
        block, length = rng.choice((MOONCAKE_BLOCK, BAILIAN_BLOCK)), rng.randint(2, 7)
        mine = rng.sample(range(1000), length)
        shared = rng.randint(1, length - 1)
        one = mine[:shared] + rng.sample(range(1000, 2000), rng.randint(1, 3))
        earlier = [one, mine[: rng.randint(0, shared)], mine[1:]]  # the last has nearly all, but not at its beginning
        if index % 3 == 0:
            earlier.append(mine)
        rng.shuffle(earlier)
        cases.append((mine, earlier, block, block * length - rng.randint(1, block - 1)))
    return [*cases, (mine, [], block, block * length)]


EXERCISES = (
    Exercise(
        "ex-beyond", "Beyond the last quantile", "mean_beyond", mean_beyond,
        shown=[(4000, 0.5), (3600, 0.4), (900, 0.0)], hidden=tails,
        hint="the tail is kept so that the mean beyond the last quantile is that quantile over what is left of one",
    ),
    Exercise(
        "ex-draw", "A table, drawn from", "drawn", drawn,
        shown=[((1, 50, 99), (10, 100, 1000), 0.5), ((1, 50, 99), (10, 100, 1080), 0.745),
               ((10, 90), (200, 600), 0.05), ((10, 90), (200, 600), 0.97)],
        hidden=shares,
        hint="on a straight line between two entries of the table; beyond its ends the end itself; rounded at the last",
    ),
    Exercise(
        "ex-reuse", "What stood there before", "reused", reused,
        shown=[([1, 2, 3], [[1, 2, 9]], 512, 1500), ([1, 2, 3], [[1, 2, 3, 4]], 512, 1500), ([1, 2], [[2, 1]], 16, 32)],
        hidden=requests,
        hint="only the beginning counts, and the longest one; a last block may be less than full",
    ),
)

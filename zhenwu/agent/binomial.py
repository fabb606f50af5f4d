"""How sure a share is that was counted: k of n, with its exact interval (Clopper and Pearson 1934)."""

import math

import numpy as np

CONFIDENCE = 0.95


def interval(k: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The two-sided interval of a probability after k of n: it covers the truth at least so often, whatever it is.

    The low end is the p at which k or more would come with half the rest, the high end that for k or fewer. Found by
    halving, to 1e-12. n = 0 gives (0, 1); k outside 0 .. n raises ValueError.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: expected 0 to {n}")
    if n == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else _where(lambda p: 1 - at_most(k - 1, n, p) > tail)
    high = 1.0 if k == n else _where(lambda p: at_most(k, n, p) < tail)
    return low, high


def at_most(k: int, n: int, p: float) -> float:
    """The probability of k or fewer of n."""
    if p <= 0 or k >= n:
        return 1.0
    if p >= 1:
        return 0.0
    count = np.arange(k + 1)
    ways = math.lgamma(n + 1) - _log_factorial(count) - _log_factorial(n - count)
    return float(min(1.0, np.exp(ways + count * math.log(p) + (n - count) * math.log1p(-p)).sum()))


def half_survival(errors: float, turns: int) -> float:
    """Turns until half the sessions have failed, if every turn fails with the same probability: ln 1/2 / ln(1 - e)."""
    if errors == 0:
        return math.inf
    return math.log(0.5) / math.log1p(-errors / turns) if errors < turns else 0.0


def _log_factorial(numbers: np.ndarray) -> np.ndarray:
    return np.array([math.lgamma(number + 1) for number in numbers.tolist()])


def _where(above) -> float:
    """The p in 0 .. 1 from which `above` holds on."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return high

"""Recorded sessions inside a chapter: the tables of a reader's trace or of the package, and numbers to compute with."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from zhenwu.agent.committed import committed, of_file
from zhenwu.agent.quantiles import SECONDS_PER_HOUR, Distribution, Tables, Totals
from zhenwu.chapter.figure import BLUE, GREEN, RED
from zhenwu.spec.sourced import Sourced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = (BLUE, GREEN, RED)
PERCENTS = range(0, 101, 5)
HOURS = ("answers", "waits for tools", "the rest")


def tables_of(path: str | Path | None) -> Tables:
    """The tables of the trace at `path`, or without one those that ship with the package."""
    return committed() if path is None else of_file(path)


def points(spread: Distribution, percents: Iterable[int] = PERCENTS) -> list[tuple[int, float]]:
    """(percent, value) of a quantity; ValueError where the trace has no value of it."""
    _some(spread)
    return [(percent, spread.at(percent)) for percent in percents]


def whose(found: Tables) -> str:
    """A few words for a number's source: whose sessions it is from."""
    return "recorded sessions, other vendors' models" if found is committed() else "your trace"


def tokens(found: Tables, quantity: str, percent: float = 50) -> Sourced:
    """So many tokens that `percent` of a quantity's values do not exceed."""
    return _quantile(found, quantity, percent, "token")


def mean_tokens(found: Tables, quantity: str) -> Sourced:
    """So many tokens on average."""
    spread = _some(found.distributions[quantity])
    return Sourced(spread.mean, "token", f"{whose(found)}: {spread.what}, the mean", "derived")


def pace(found: Tables) -> Sourced:
    """Tokens that the median answer brings in a second, in steps of one token."""
    return _quantile(found, "tokens_per_s", 50, "1/s")


def mean_pace(found: Tables) -> Sourced:
    """Tokens that answers bring in a second, all together over all their time, in steps of one token."""
    value = found.totals.tokens_per_s
    if not value > 0:
        raise ValueError("the trace has no time of an answer; expected one at least, or mine = None")
    return Sourced(value, "1/s", f"{whose(found)}: all output over the time of all answers", "derived")


def working_shares(found: Tables) -> tuple[Sourced, Sourced]:
    """Least and most share of an agent's time at work in which an answer is under way; the rest it waits for tools.

    Waits are taken as recorded for the least, and each for a minute at most for the most: a long one is often that of a
    person who was asked for permission.
    """
    answer = _some(found.distributions["api_time_s"]).mean
    least, most = (answer / (answer + wait) for wait in _tool_waits(found))
    source = f"{whose(found)}: mean time of an answer, over that and the mean wait for a tool"
    return (
        Sourced(least, "", source, "derived", key="sessions.working_least"),
        Sourced(most, "", f"{source}, of a minute at most", "derived", key="sessions.working_most"),
    )


def periods(found: Tables) -> tuple[Sourced, Sourced]:
    """Shortest and longest mean time from one turn to the next of an agent at work: an answer, and a wait for a tool of
    a minute at most, or as recorded."""
    answer = _some(found.distributions["api_time_s"]).mean
    long, short = _tool_waits(found)
    source = f"{whose(found)}: mean time of an answer, and the mean wait for a tool"
    return (
        Sourced(answer + short, "s", f"{source}, of a minute at most", "derived", key="sessions.period_least"),
        Sourced(answer + long, "s", source, "derived", key="sessions.period_most"),
    )


def _tool_waits(found: Tables) -> tuple[float, float]:
    """The mean wait for a tool in seconds, as recorded and with a minute at most for each; 0 where nobody waited."""
    wait = found.distributions["tool_wait_s"]
    if not wait.count:
        return 0.0, 0.0
    return wait.mean, found.totals.tool_wait_hours_capped * SECONDS_PER_HOUR / wait.count


def range_bars(place: "Axes", ranges: Mapping[str, Sequence[Sourced]]) -> None:
    """A bar for each name, to the least value; what is between that and the most is pale. Colours go round."""
    for (name, (least, most)), colour in zip(ranges.items(), cycle(BARS), strict=False):
        place.barh(name, least.value, color=colour)
        place.barh(name, most.value - least.value, left=least.value, color=colour, alpha=0.4)
    place.invert_yaxis()


def hours_spent(totals: Totals) -> dict[str, float]:
    """Shares of the hours of some sessions, by HOURS; none where they last no time."""
    if not totals.wall_hours:
        return dict.fromkeys(HOURS, 0.0)
    shares = [totals.api_hours / totals.wall_hours, totals.tool_wait_hours / totals.wall_hours]
    return dict(zip(HOURS, [*shares, max(0.0, 1 - sum(shares))], strict=True))


def _quantile(found: Tables, quantity: str, percent: float, unit: str) -> Sourced:
    spread = _some(found.distributions[quantity])
    return Sourced(spread.at(percent), unit, f"{whose(found)}: {spread.what}, p{percent:g}", "derived")


def _some(spread: Distribution) -> Distribution:
    if not spread.count:
        raise ValueError(f"the trace has no value of this: {spread.what}; expected one at least, or mine = None")
    return spread

"""The tables of a trace as rows of text, for `zhenwu traces`."""

from collections.abc import Iterator

from zhenwu.agent.quantiles import Distribution, Tables, Totals
from zhenwu.spec.qwen_max import HOURS

HEAD = ("quantity", "unit", "p10", "p50", "p90", "mean", "values")
PERCENTS = (10, 50, 90)
NOTHING = "-"


def spreads(found: Tables) -> Iterator[tuple[str, ...]]:
    """A row a quantity, as in HEAD; a quantity without values has dashes."""
    for name, spread in found.distributions.items():
        yield (f"{name}: {spread.what}", spread.unit, *map(number, _values(spread)), f"{spread.count:,}")


def _values(spread: Distribution) -> list[float | None]:
    return [*(spread.at(percent) for percent in PERCENTS), spread.mean] if spread.count else [None] * 4


def sentences(found: Tables) -> Iterator[str]:
    """What the sums say, each with its number."""
    totals, long = found.totals, found.long_sessions
    yield f"{counted(totals.sessions, 'session')}, {counted(totals.requests, 'request')}"
    yield f"input to output: {number(totals.in_per_out)} to 1; new input to output: {number(totals.new_per_out)} to 1"
    where = found.about.get("reuse", "in the same session")
    yield f"of the input, {share(totals.prefix_hit)} stood there before, {where}"
    yield _under_way(totals)
    yield f"all timed answers together bring {number(totals.tokens_per_s)} tokens/s"
    yield f"sessions that compact their context (a drop above 40 %): {share(found.compaction_share)}"
    text = f"sessions of {HOURS.value} hours or more, idle time included: {long.sessions}"
    yield text + (f", with an answer under way in {share(long.busy[0])} of their hours" if long.sessions else "")


def _under_way(totals: Totals) -> str:
    least, most = totals.busy
    text = f"of {counted(totals.wall_hours, 'hour')} an answer was under way in {share(least)}"
    if least != least or not totals.requests_without_api:
        return text
    return text + (
        f", or {share(most)} if the {totals.requests_without_api:,} without a time took all that passed until the next "
        "request"
    )


def counted(value: float, name: str) -> str:
    """A number and its noun: 1 session, 2 sessions."""
    return f"{number(value)} {name}{'' if value == 1 else 's'}"


def number(value: float | None) -> str:
    """Three significant digits or all whole ones."""
    if value is None or value != value:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def share(value: float) -> str:
    return NOTHING if value != value else f"{100 * value:.3g} %"

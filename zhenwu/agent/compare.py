"""Recorded and made-up sessions side by side: the same quantiles of both, and their ratio."""

import math
from dataclasses import dataclass

from zhenwu.agent.quantiles import Distribution, Tables

PERCENTS = (10, 25, 50, 75, 90, 99)
HELD = PERCENTS[:-1]  # those that a made-up trace is held to; the tail is only reported


PROMISED = (  # what made-up sessions are held to
    "requests_per_session", "session_hours", "in_tokens", "out_tokens", "growth", "prefix_hit", "tool_wait_s",
    "compactions", "compacted_to",
)
SHOWN = (
    "requests_per_session", "session_hours", "in_tokens", "first_context", "largest_context", "out_tokens", "growth",
    "prefix_hit", "new_tokens", "tool_wait_s", "user_wait_s", "api_time_s", "compactions", "compacted_to",
)


@dataclass(frozen=True)
class Line:
    """One quantity of both: `recorded` and `made` at PERCENTS, then the mean."""

    name: str
    unit: str
    recorded: tuple[float, ...]
    made: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Made over recorded; 1 where both are the same, infinite where only the recorded one is 0."""
        return tuple(1.0 if mine == theirs else mine / theirs if theirs else math.inf
                     for theirs, mine in zip(self.recorded, self.made, strict=True))

    @property
    def shown(self) -> tuple[str, ...]:
        """The ratios as text; a dash where one is unknown, or where both are 0 and nothing was kept."""
        return tuple("-" if math.isnan(mine) or mine == theirs == 0 else f"{ratio:.2f}"
                     for mine, theirs, ratio in zip(self.made, self.recorded, self.ratios, strict=True))

    @property
    def off(self) -> float:
        """How far the ratio at HELD is from 1 at worst."""
        return max(abs(ratio - 1) for ratio in self.ratios[: len(HELD)])


def compared(recorded: Tables, made: Tables) -> list[Line]:
    """The quantities of SHOWN that both have values of; last, the share of sessions that compact, as a mean alone."""
    lines = []
    for name in SHOWN:
        one, other = (each.distributions[name] for each in (recorded, made))
        if one.count and other.count:
            lines.append(Line(name, one.unit, _shown(one), _shown(other)))
    unknown = (math.nan,) * len(PERCENTS)
    return [*lines, Line("compacting", "", *((*unknown, each.compaction_share) for each in (recorded, made)))]


def promised(lines: list[Line]) -> list[Line]:
    """Those of PROMISED."""
    return [line for line in lines if line.name in PROMISED]


def _shown(spread: Distribution) -> tuple[float, ...]:
    return (*(spread.at(percent) for percent in PERCENTS), float(spread.mean))

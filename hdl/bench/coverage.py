"""Coverage: which of the planned situations a bench has really been in.

A bin is planned with a reason before it is counted; hitting an unplanned one is an error, so that the plan
stays complete. A bin that stays empty is reported with its reason, never dropped.
"""

from collections.abc import Callable, Iterator, Mapping


class Coverage:
    """Hit counts for `planned`, a dict from bin name to the reason why it matters."""

    def __init__(self, planned: Mapping[str, str]):
        self.planned = dict(planned)
        self.hits = dict.fromkeys(self.planned, 0)

    def hit(self, name: str, times: int = 1) -> None:
        """Count `times` more hits of bin `name`."""
        if name not in self.hits:
            raise KeyError(f"coverage bin {name!r} is not planned; expected one of {', '.join(self.hits)}")
        self.hits[name] += int(times)

    @property
    def unhit(self) -> dict[str, str]:
        """The empty bins and their reasons."""
        return {name: reason for name, reason in self.planned.items() if not self.hits[name]}


def watch(clk, rst, coverage: Coverage, conditions: Mapping[str, Callable[[], bool]]) -> Iterator:
    """At each rising edge outside reset, hit every bin whose condition holds."""
    pairs = tuple(conditions.items())
    while True:
        yield clk.posedge
        if not rst:
            for name, holds in pairs:
                if holds():
                    coverage.hit(name)

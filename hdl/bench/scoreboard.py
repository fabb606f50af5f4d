"""A scoreboard: compares the transfers of one stream with those expected, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hdl.bench.monitor import Transfer


@dataclass(frozen=True)
class Difference:
    """The first disagreement. `expected` is None for an extra transfer, `actual` for a missing one.

    `cycle` is None for a missing transfer, and for one whose cycle is not known.
    """

    index: int
    cycle: int | None
    field: str
    expected: int | None
    actual: int | None


class Scoreboard:
    """Takes transfers through `receive` and holds each against `expected[index]`.

    Only the fields that an expected payload names are compared. A transfer counts as one mismatch however many
    of its fields differ; extra and missing transfers count one each.
    """

    def __init__(self, expected: Sequence[Mapping[str, int]]):
        self.expected = expected
        self.wrong = self.extra = 0
        self._first: Difference | None = None
        self.restart()

    def restart(self) -> None:
        """Expect everything from the start again, after a reset; differences already found stay counted."""
        self.received = 0
        self.first_cycle = self.last_cycle = 0

    def receive(self, transfer: Transfer) -> None:
        """Compare the next transfer."""
        index = self.received
        self.received += 1
        if transfer.cycle is not None:
            self.last_cycle = transfer.cycle
            if index == 0:
                self.first_cycle = transfer.cycle
        if index >= len(self.expected):
            self.extra += 1
            field, value = next(iter(transfer.payload.items()))
            self._keep(Difference(index, transfer.cycle, field, None, value))
            return
        for field, value in self.expected[index].items():
            actual = transfer.payload.get(field)  # None: a transfer of another kind
            if actual != value:
                self.wrong += 1
                self._keep(Difference(index, transfer.cycle, field, value, actual))
                return

    def _keep(self, difference: Difference) -> None:
        if self._first is None:
            self._first = difference

    @property
    def complete(self) -> bool:
        """Whether as many transfers came as were expected."""
        return self.received >= len(self.expected)

    @property
    def rate(self) -> float:
        """Transfers per cycle between the first and the last."""
        return (self.received - 1) / max(1, self.last_cycle - self.first_cycle)

    @property
    def missing(self) -> int:
        """Expected transfers that have not come."""
        return max(0, len(self.expected) - self.received)

    @property
    def mismatches(self) -> int:
        """Wrong, extra and missing transfers together; ask at the end of a run."""
        return self.wrong + self.extra + self.missing

    @property
    def first(self) -> Difference | None:
        """The first disagreement, or None."""
        if self._first is None and self.missing:
            field, value = next(iter(self.expected[self.received].items()), ("valid", 1))
            return Difference(self.received, None, field, value, None)
        return self._first

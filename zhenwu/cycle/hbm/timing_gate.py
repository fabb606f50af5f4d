"""A row of gates: may one kind of command start in this bank, bank group or pseudo-channel? Chapter: the controller."""

from collections.abc import Mapping, Sequence


class TimingGate:
    """One gate a lane. `gaps[op]` is how long a command `op` of the same lane keeps it shut, in CK.

    The lane of a command is its bank modulo `lanes`: 16 lanes are banks, 4 are bank groups, 1 is everything. The
    rules of commands of all banks are the pseudo-channel's, which has one lane.
    """

    def __init__(self, lanes: int, gaps: Mapping[int, int]):
        self.lanes = lanes
        self.gaps = dict(gaps)
        self.allowed_at = [0] * lanes  # the first CK in which the command may start

    def opens(self, bank: int, ck: int) -> bool:
        """Whether the command may start in CK `ck`."""
        return self.allowed_at[bank % self.lanes] <= ck

    def step(self, now: int, started: Sequence[tuple[int, int | None]]) -> None:
        """The commands that start in CK `now` shut the gates of their lanes."""
        for op, bank in started:
            if op in self.gaps:
                lane = (bank or 0) % self.lanes
                self.allowed_at[lane] = max(self.allowed_at[lane], now + self.gaps[op])

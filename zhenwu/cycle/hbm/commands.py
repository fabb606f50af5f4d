"""What the controller's blocks say to each other: a request, and the commands of one CK."""

from dataclasses import dataclass
from typing import NamedTuple

from zhenwu.spec.hbm3 import ACT, NOP, PREAB, RD, WR


class Request(NamedTuple):
    """A request in a queue. `bank` counts all banks, the bank group in its lowest bits; `slot` is where a read's line
    goes in the return buffer, or where a write's line lies in the write buffer."""

    bank: int
    row: int
    column: int
    slot: int

    def same_line(self, other: "Request") -> bool:
        """Whether both name one line."""
        return self[:3] == other[:3]


@dataclass(frozen=True, slots=True)
class Commands:
    """The command pins in one CK, with banks counted through, and what the queues need to know of the request served.

    `rise` is NOP, ACT or REFAB, `fall` NOP, PREPB or PREAB, `column` NOP, RD or WR.
    """

    rise: int = NOP
    rise_bank: int = 0
    row: int = 0
    opener_is_write: bool = False  # the request for which ACT opens the row
    fall: int = NOP
    fall_bank: int = 0
    column: int = NOP
    column_bank: int = 0
    column_number: int = 0
    position: int = 0  # of the request served, in its queue
    slot: int = 0

    @property
    def leave_read(self) -> int | None:
        """The position that the read queue loses."""
        return self.position if self.column == RD else None

    @property
    def leave_write(self) -> int | None:
        """The position that the write queue loses."""
        return self.position if self.column == WR else None

    def started(self) -> list[tuple[int, int | None]]:
        """(command, bank) of all that start in this CK; the bank is None where all banks are meant."""
        found: list[tuple[int, int | None]] = []
        if self.rise != NOP:
            found.append((self.rise, self.rise_bank if self.rise == ACT else None))
        if self.fall != NOP:
            found.append((self.fall, None if self.fall == PREAB else self.fall_bank))
        if self.column != NOP:
            found.append((self.column, self.column_bank))
        return found


IDLE = Commands()

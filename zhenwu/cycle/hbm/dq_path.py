"""Bursts on DQ, at their latencies after RD and WR. Chapter: the controller and its limits."""

from collections import deque

from zhenwu.cycle.hbm.commands import Commands
from zhenwu.cycle.hbm.write_buffer import WriteBuffer
from zhenwu.spec.hbm3 import HBM3_GEOMETRY, RD, WR

HALF_BITS = 8 * int(HBM3_GEOMETRY.line_bytes) // 2  # of a line: what DQ moves in one of a burst's two CK
HALF = (1 << HALF_BITS) - 1


class DqPath:
    """Takes the two halves of a read burst `read_latency` CK after RD, drives those of a write after `write_latency`.

    The line of a write lies in its slot of the write buffer until its second half is on the pins.
    """

    def __init__(self, read_latency: int, write_latency: int):
        self.read_latency = read_latency
        self.write_latency = write_latency
        self.reads: deque[tuple[int, int]] = deque()  # (CK of the first half, return slot)
        self.writes: deque[tuple[int, int]] = deque()  # (CK before the first half, write slot)
        self.half = 0  # the first half of the burst under way
        self.filling: int | None = None  # its return slot: the second half comes in this CK
        self.driving: int | None = None  # the write slot whose second half is driven in the next CK
        self.sent: int | None = None  # the write slot whose second half is on the pins
        self.drive = False
        self.write = 0  # the pins

    def step(self, now: int, commands: Commands, read: int, buffer: WriteBuffer) -> tuple[int, int] | None:
        """One CK: `read` is on the pins. Returns (return slot, line) if a burst ends with it."""
        fill = None if self.filling is None else (self.filling, read << HALF_BITS | self.half)
        self.filling = None
        if self.reads and self.reads[0][0] == now:
            self.filling = self.reads.popleft()[1]
            self.half = read
        self.sent, driving, self.driving = self.driving, self.driving, None
        self.drive = True
        if driving is not None:
            self.write = buffer.lines[driving] >> HALF_BITS
        elif self.writes and self.writes[0][0] == now:
            self.driving = self.writes.popleft()[1]
            self.write = buffer.lines[self.driving] & HALF
        else:
            self.drive = False
        if commands.column == RD:
            self.reads.append((now + self.read_latency, commands.slot))
        elif commands.column == WR:
            self.writes.append((now + self.write_latency - 1, commands.slot))
        return fill

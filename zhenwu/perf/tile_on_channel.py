"""A program's events on a pseudo-channel: what `Timing.port` does on a memory of constant rate.

When a line comes depends on commands that the tile has yet to give, since the controller takes them out of order. So
tile and channel go on by turns: a command is given once the channel has come to its CK, and otherwise the channel takes
a step. No event of the tile can come before the line or the command that it follows from. Chapter: a slice that runs a
matmul.
"""

from collections import deque
from collections.abc import Iterator

from zhenwu.perf.hbm_channel import Channel
from zhenwu.perf.tile_events import Timing
from zhenwu.perf.tile_instructions import Program
from zhenwu.perf.tile_machine import Machine


class OnChannel:
    """One program, from CK `start` on; `reads` and `writes` are the addresses of its lines."""

    def __init__(
        self, program: Program, machine: Machine, channel: Channel, reads: Iterator[int], writes: Iterator[int],
        start: int,
    ):
        self.tile, self.channel = Timing(each_alone(program), machine, start=start), channel
        self.reads, self.writes = reads, writes
        self.under_way: deque[tuple[tuple[int, int], bool]] = deque()  # reads: bank, and whether the last of its load
        self.offered: tuple[bool, int] | None = None  # (write, since when): a command that stands until it is taken

    def run(self) -> int:
        """The CK of its `done`."""
        tile, channel = self.tile, self.channel
        tile.settle()
        while tile.load is not None or tile.write_at is not None or self.under_way:
            if self.offered is None:
                self.offered = self.choice()
            if self.offered is not None and channel.room:
                self.take(*self.offered)
            else:
                channel.step()
                while channel.lines:
                    self.line(channel.lines.popleft())
        return tile.done

    def choice(self) -> tuple[bool, int] | None:
        """Whose command comes next, mover's or store path's, in turn where both wait; None if none has come yet."""
        tile = self.tile
        free, most = tile.accepted + 1, tile.machine.outstanding
        read = write = self.channel.at + 1
        if tile.load is not None and len(self.under_way) < most:
            read = max(tile.read_at, free, tile.arrived[len(self.under_way) - most] + 1)
        if tile.write_at is not None:
            write = max(tile.write_at, free)
        if min(read, write) > self.channel.at:
            return None
        writes = write < read or (write == read and not tile.write_last)
        return writes, min(read, write)

    def take(self, write: bool, offered: int) -> None:
        """The channel takes a command."""
        tile = self.tile
        line_address = next(self.writes if write else self.reads)
        tile.accepted, tile.write_last, self.offered = self.channel.accept(write, line_address, offered), write, None
        if write:
            tile.written, tile.write_at = tile.accepted, None
            tile.settle()
            return
        tile.read += 1
        last = tile.read == len(tile.banks)
        self.under_way.append(((tile.load.operand, tile.banks[tile.read - 1]), last))
        if last:
            tile.load, tile.mover_free = None, tile.accepted + 1
            tile.settle()

    def line(self, offered: int) -> None:
        """A line comes in: behind the one before it, and a cycle later behind one of its bank."""
        tile = self.tile
        bank, last = self.under_way.popleft()
        free = tile.arrived[-1] + 1
        tile.arrived.append(max(offered, free) + (bank == tile.bank and offered <= free))
        tile.bank = bank
        if last:
            tile.full[bank[0]].append(tile.arrived[-1])
            tile.settle()


def each_alone(program: Program) -> Program:
    """Its segments one by one, as none is to be left out."""
    return tuple((segment, 1) for segment, count in program for _ in range(count))

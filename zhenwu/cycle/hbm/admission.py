"""Commands from the port, one by one, into the queues: hazards, forwarding, room. Chapter: the controller."""

from dataclasses import dataclass
from typing import NamedTuple

from zhenwu.cycle.hbm.commands import Commands, Request
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.write_buffer import WriteBuffer

FIFO_DEPTH = 2


class Command(NamedTuple):
    """A command of the MemoryPort, its line address already mapped; the request's slot is not yet known."""

    write: bool
    place: Request
    id: int


@dataclass(frozen=True, slots=True)
class Entering:
    """A request on its way into a queue. A forwarded read goes past it: its line lies in write slot `source`."""

    write: bool
    request: Request
    id: int = 0
    forwarded: bool = False
    source: int = 0

    @property
    def queued_read(self) -> Request | None:
        """The request that the read queue gains."""
        return self.request if not self.write and not self.forwarded else None

    @property
    def queued_write(self) -> Request | None:
        """The request that the write queue gains."""
        return self.request if self.write else None


class Admission:
    """Holds two commands; the head enters when nothing stands against it, and blocks what follows until then.

    A read of a line that a queued write will change takes the youngest such write's data (forwarding). A write to a
    line that a queued read has not read yet waits for that read. A read takes a line of the return buffer, in order.
    """

    def __init__(self, read_entries: int, write_entries: int, return_entries: int):
        self.read_entries = read_entries
        self.write_entries = write_entries
        self.return_entries = return_entries
        self.fifo: list[Command] = []
        self.entering: Entering | None = None
        self.ready = False  # cmd.ready
        self.return_slot = 0  # the next read's
        self.held = 0  # lines of the return buffer

    def step(
        self,
        cmd: Command | None,
        present: Commands,
        reads: RequestQueue,
        writes: RequestQueue,
        buffer: WriteBuffer,
        returned: bool,
    ) -> None:
        """One CK: `cmd` was offered, `returned` says that a line has left the return buffer."""
        self.held -= returned
        self.entering = self.admit(self.fifo[0], present, reads, writes, buffer) if self.fifo else None
        if self.entering is not None:
            del self.fifo[0]
            if not self.entering.write:
                self.held += 1
                self.return_slot = (self.return_slot + 1) % self.return_entries
        if cmd is not None and self.ready:
            self.fifo.append(cmd)
        self.ready = len(self.fifo) < FIFO_DEPTH

    def admit(
        self, head: Command, present: Commands, reads: RequestQueue, writes: RequestQueue, buffer: WriteBuffer
    ) -> Entering | None:
        """What the head becomes, or None while it must wait. The request that is entering now already counts."""
        before = self.entering
        new_read = before.queued_read if before is not None else None
        new_write = before.queued_write if before is not None else None
        if head.write:
            older = [*reads.requests, *([] if new_read is None else [new_read])]
            if any(head.place.same_line(read) for read in older):
                return None
            room = writes.count - (present.leave_write is not None) + (new_write is not None) < self.write_entries
            return Entering(True, head.place._replace(slot=buffer.free_slot(before)), head.id) if room else None
        if self.held == self.return_entries:
            return None
        place = head.place._replace(slot=self.return_slot)
        older = [*writes.requests, *([] if new_write is None else [new_write])]
        sources = [write.slot for write in older if head.place.same_line(write)]
        if sources:
            return Entering(False, place, head.id, forwarded=True, source=sources[-1])
        room = reads.count - (present.leave_read is not None) + (new_read is not None) < self.read_entries
        return Entering(False, place, head.id) if room else None

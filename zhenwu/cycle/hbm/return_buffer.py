"""Lines on their way back, in the order in which they were asked for. Chapter: the controller and its limits."""

from typing import TYPE_CHECKING, NamedTuple

from zhenwu.cycle.hbm.write_buffer import WriteBuffer

if TYPE_CHECKING:
    from zhenwu.cycle.hbm.admission import Entering


class Returned(NamedTuple):
    """A transfer of rdata."""

    data: int
    id: int


class ReturnBuffer:
    """`entries` lines, a ring. A line is promised when its read is admitted, since DQ cannot be held up.

    A line comes from DQ; a forwarded read's from the write buffer. If its turn comes while the write is queued, it
    waits for the write's data and takes them there. If the write leaves first, all reads that wait for its line get a
    copy.
    """

    def __init__(self, entries: int):
        self.entries = entries
        self.head = 0
        self.lines: list[int] = [0] * entries
        self.ids = [0] * entries
        self.filled = [False] * entries
        self.forwarded = [False] * entries
        self.source = [0] * entries
        self.rdata: Returned | None = None  # on offer
        self.returned = False  # a line has left, in this CK

    def step(
        self,
        ready: bool,
        entering: "Entering | None",
        fill: tuple[int, int] | None,
        buffer: WriteBuffer,
        sent: int | None,
    ) -> None:
        """One CK: `ready` is rdata.ready, `fill` a (slot, line) from DQ, `sent` the write slot whose burst has left."""
        for slot in self.waiting_for(sent):
            self.lines[slot] = buffer.lines[sent]
            self.filled[slot], self.forwarded[slot] = True, False
        head, source = self.head, self.source[self.head]
        self.returned = False
        if self.rdata is None or ready:
            self.rdata = None
            if self.forwarded[head] and buffer.present[source]:
                self.rdata = Returned(buffer.lines[source], self.ids[head])
            elif self.filled[head]:
                self.rdata = Returned(self.lines[head], self.ids[head])
            if self.rdata is not None:
                self.returned = True
                self.filled[head] = self.forwarded[head] = False
                self.head = (head + 1) % self.entries
        if entering is not None and not entering.write:
            self.ids[entering.request.slot] = entering.id
            self.forwarded[entering.request.slot] = entering.forwarded
            self.source[entering.request.slot] = entering.source
        if fill is not None:
            self.lines[fill[0]] = fill[1]
            self.filled[fill[0]] = True

    def waiting_for(self, source: int | None) -> list[int]:
        """The reads that wait for the line of write slot `source`; of none if that is None."""
        return [slot for slot in range(self.entries) if self.forwarded[slot] and self.source[slot] == source]

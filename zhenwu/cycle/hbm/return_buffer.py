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

    A line comes from DQ; a forwarded read's is taken from the write buffer when it is this read's turn, which waits
    until the write's data are there.
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
        self.released: tuple[int, int] | None = None  # it was a forwarded one: (source, slot)

    def step(self, ready: bool, entering: "Entering | None", fill: tuple[int, int] | None, buffer: WriteBuffer) -> None:
        """One CK: `ready` is rdata.ready, `fill` a (slot, line) from DQ."""
        head, source = self.head, self.source[self.head]
        self.returned, self.released = False, None
        if self.rdata is None or ready:
            self.rdata = None
            if self.forwarded[head] and buffer.present[source]:
                self.rdata = Returned(buffer.lines[source], self.ids[head])
                self.released = (source, head)
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

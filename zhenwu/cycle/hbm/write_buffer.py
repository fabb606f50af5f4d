"""The lines to be written, from their arrival until their burst has left. Chapter: the controller and its limits."""

from collections import deque
from typing import TYPE_CHECKING

from zhenwu.cycle.hbm.request_queue import RequestQueue

if TYPE_CHECKING:
    from zhenwu.cycle.hbm.admission import Entering


class WriteBuffer:
    """`slots` lines; beats that are here before their command wait in front of them, `depth` at most.

    Beats come in the order of the writes, so each goes to the oldest queued write without data. A slot is free again
    when its burst has left (`queued` ends); there are enough of them whenever the write queue has room.
    """

    def __init__(self, slots: int, depth: int):
        self.depth = depth
        self.ready = False  # wdata.ready
        self.early: deque[int] = deque()
        self.lines = [0] * slots
        self.present = [False] * slots  # the slot's data have arrived
        self.queued = [False] * slots

    def arrives(self, writes: RequestQueue) -> bool:
        """Whether in this CK a beat goes to its write."""
        return bool(self.early) and writes.ready < writes.count

    def free_slot(self, entering: "Entering | None") -> int:
        """The lowest free slot; that of a write that is entering now is not free."""
        taken = entering.request.slot if entering is not None and entering.write else None
        return next(slot for slot, queued in enumerate(self.queued) if not queued and slot != taken)

    def step(
        self,
        wdata: int | None,
        entering: "Entering | None",
        writes: RequestQueue,
        sent: int | None,
    ) -> None:
        """One CK: `sent` is the slot whose burst has left."""
        if self.arrives(writes):
            slot = writes.requests[writes.ready].slot
            self.lines[slot] = self.early.popleft()
            self.present[slot] = True
        if wdata is not None and self.ready:
            self.early.append(wdata)
        self.ready = len(self.early) < self.depth
        if sent is not None:
            self.queued[sent] = False
        if entering is not None and entering.write:
            self.queued[entering.request.slot] = True
            self.present[entering.request.slot] = False

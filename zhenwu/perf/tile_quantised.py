"""When a block of rows of float32 becomes quantised lines: the events of `zhenwu/cycle/tile/mx_lines.py`.

    row complete ──> read, a line a cycle ──> encoded ──> written, or kept for the codes of the other block
                                                          ... behind the last row: the scales

One row waits in front of the encoder and one behind it. Chapter: the array and its utilisation.
"""

from collections import deque
from collections.abc import Callable

from zhenwu.perf.tile_instructions import BLOCK_PARTS, LINE_FLOATS, MXFP8, Store
from zhenwu.spec.isa import STEP_ROWS

PART_LINES = STEP_ROWS // LINE_FLOATS  # of a row of a whole result
SHOWN = 2  # cycles from a row's last line to its being read


class Block:
    """A block from the store that ends it to its last line; `done` is when it was, None while it is at work."""

    def __init__(self, long_ago: int):
        self.long_ago = long_ago
        self.store: Store | None = None
        self.done: int | None = long_ago
        self.complete: deque[int] = deque()  # when rows were whose read is not known
        self.read: list[int] = []  # when each row's last line was read
        self.written = [long_ago, long_ago]  # the last two rows
        self.row = 0  # the next to be written

    def begin(self, store: Store) -> None:
        """Take a store that ends a block."""
        self.store, self.done, self.row = store, None, 0
        self.read, self.written = [], [self.long_ago, self.long_ago]

    @property
    def places(self) -> int:
        """Lines of a row."""
        store = self.store
        return store.part % BLOCK_PARTS * PART_LINES + -(-store.n // LINE_FLOATS)

    @property
    def keeps(self) -> bool:
        """Whether codes wait for those of the other block."""
        store = self.store
        return not (store.fmt == MXFP8 or store.part >= BLOCK_PARTS or store.closes)

    def overwritten(self, row: int) -> int | None:
        """When the next block's line of a row may come: once this block's has been read; None if that is not known."""
        if self.store is None:
            return self.long_ago
        row = min(row, self.store.m - 1)
        return self.read[row] + 1 if row < len(self.read) else None

    def read_row(self) -> bool:
        """Read the next row, if it is known when."""
        row = len(self.read)
        if self.done is not None or not self.complete or row > self.row + 1:
            return False
        first = self.complete.popleft() + SHOWN
        if row:
            before = self.written[-1 if row > self.row else 0]  # of the row before the one before
            first = max(first, self.read[-1] + 1, before)
        self.read.append(first + self.places - 1)
        return True

    def write(self, port: int | None) -> int | None:
        """The next line to leave, when; `port` is when the last one was taken, None if it was not yet. A line that is
        kept leaves at once, and None is returned where there is none to go to memory.
        """
        if self.done is not None:
            return None
        while self.row < len(self.read) and self.row < self.store.m:
            encoded = max(self.read[self.row] + 1, self.written[-1])
            if self.keeps:
                at = encoded + 1
            elif port is None:
                return None
            else:
                at = max(encoded + 1, port)
            self.written = [self.written[-1], at]
            self.row += 1
            if self.row == self.store.m and not self.store.closes:
                self.done = at
            if not self.keeps:
                return at
            self.read_row()
        if self.row == self.store.m and self.store.closes and port is not None:
            self.done = port
            return self.done
        return None

    def state(self, since: Callable[..., tuple]) -> tuple:
        """All that what follows depends on, as `since` counts times."""
        return self.store, self.row, since(self.done, *self.complete, *self.written), since(*self.read)

"""When beats become lines and lines go to memory. Chapter: the sequencer and the tile mover."""

from collections import deque

from zhenwu.golden.tile.layout import LINE_WORDS, MEMORY_LINES
from zhenwu.spec.isa import Store


class StorePath:
    """A beat a cycle; a line leaves the cycle after its last beat.

    `cmd` and `wdata` are the line addresses on offer on the two streams, or None; `done` says that a store has ended.
    """

    def __init__(self, cols: int):
        self.cols = cols
        self.lines: deque[tuple[int, int]] = deque()  # (line address, beats) of the store at work, still to gather
        self.gathered = 0  # beats of the first of them
        self.complete: tuple[int, bool] | None = None  # (line address, whether it is its store's last)
        self.outgoing: bool | None = None  # the same of the line on its way out
        self.cmd: int | None = None
        self.wdata: int | None = None
        self.done = False

    @property
    def active(self) -> bool:
        """Whether the store at work still gathers."""
        return bool(self.lines)

    def room(self, cmd_ready: bool, wdata_ready: bool) -> bool:
        """Whether the line on its way out is gone at the next edge."""
        return (cmd_ready or self.cmd is None) and (wdata_ready or self.wdata is None)

    def takes(self, out: bool) -> bool:
        """Whether the store at work takes a beat; `out` says that there is room for a complete line."""
        return self.active and (out or self.complete is None)

    def step(self, store: Store | None, beat: bool, cmd_ready: bool, wdata_ready: bool, suppress: bool) -> None:
        """One rising edge: `store` is the one taken, `beat` says that one came for the store at work, `suppress` that
        nothing more is to be written.
        """
        out = self.room(cmd_ready, wdata_ready)
        leaving = self.complete if out else None
        if cmd_ready:
            self.cmd = None
        if wdata_ready:
            self.wdata = None
        self.done = bool(out and self.outgoing)
        if out:
            self.outgoing = None
        if leaving is not None:
            self.outgoing, self.complete = leaving[1], None
            if not suppress:
                self.cmd = self.wdata = leaving[0]
        if beat:
            self.gathered += 1
            if self.gathered == self.lines[0][1]:
                address = self.lines.popleft()[0]
                self.complete, self.gathered = (address, not self.lines), 0
        if store is not None:
            self.lines.extend(self.line_beats(store))

    def line_beats(self, store: Store) -> list[tuple[int, int]]:
        """The lines of a store and how many beats each gathers, row by row."""
        whole, beats = LINE_WORDS // self.cols, -(-store.n // self.cols)
        return [
            ((store.base + row * store.stride + line) % MEMORY_LINES, min(whole, beats - line * whole))
            for row in range(store.m)
            for line in range(-(-beats // whole))
        ]

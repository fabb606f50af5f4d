"""When beats become lines and lines go to memory. Chapter: the sequencer and the tile mover."""

from collections import deque
from typing import NamedTuple

from zhenwu.cycle.tile.mx_lines import MXFP4, PART_LINES, MxLines, RowLine
from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mx_lines import BLOCK_PARTS, ends_block
from zhenwu.spec.isa import Store


class Gathered(NamedTuple):
    """A line of 8 float32 and how many beats it takes: for memory at `address`, or for the quantiser."""

    beats: int
    last: bool  # of its store
    address: int | None
    row_line: RowLine | None


class StorePath:
    """A beat a cycle; a line of float32 leaves the cycle after its last beat, others as `MxLines` has it.

    `cmd` and `wdata` are the line addresses on offer on the two streams, or None; `done` says that a store has ended.
    """

    def __init__(self, cols: int):
        self.cols = cols
        self.mx_lines = MxLines()
        self.store: Store | None = None  # the one that gathers
        self.waiting = False  # for its residual
        self.lines: deque[Gathered] = deque()  # of that store, still to gather
        self.gathered = 0  # beats of the first of them
        self.complete: Gathered | None = None
        self.outgoing: bool | None = None  # whether the line on its way out is its store's last
        self.cmd: int | None = None
        self.wdata: int | None = None
        self.done = False
        self.owed = False  # two stores ended at once: one is still to be reported

    @property
    def active(self) -> bool:
        """Whether the store at work still gathers."""
        return bool(self.lines)

    def accepts(self, store: Store) -> bool:
        """Whether a queued store is taken: none gathers, and no line of a block before can come behind its own."""
        return not self.active and ((store.fmt > 0 and not ends_block(store)) or self.mx_lines.ready)

    def room(self, cmd_ready: bool, wdata_ready: bool) -> bool:
        """Whether the line on its way out is gone at the next edge."""
        return (cmd_ready or self.cmd is None) and (wdata_ready or self.wdata is None)

    def leaves(self, out: bool) -> bool:
        """Whether the gathered line moves on; `out` says that there is room for a line on its way out."""
        line = self.complete
        return line is not None and (out if line.row_line is None else self.mx_lines.takes(line.row_line))

    def takes(self, out: bool) -> bool:
        """Whether the store at work takes a beat."""
        return self.active and not self.waiting and (self.complete is None or self.leaves(out))

    @property
    def ending(self) -> bool:
        """Whether the next beat is its store's last."""
        return len(self.lines) == 1 and self.gathered == self.lines[0].beats - 1

    @property
    def silent(self) -> bool:
        """Whether the store at work writes no line: its block, or its line of MXFP4, is completed by another."""
        store = self.store
        waits = not ends_block(store) or (store.fmt == MXFP4 and store.part < BLOCK_PARTS and not store.closes)
        return store.fmt > 0 and waits

    def freed(self, beat: bool) -> int:
        """`residual_free`, if `beat` says that the store at work takes one."""
        return 1 << self.store.add_half if beat and self.ending and self.store.release else 0

    def step(
        self, store: Store | None, beat: bool, cmd_ready: bool, wdata_ready: bool, suppress: bool, residual_full: int
    ) -> None:
        """One rising edge: `store` is the one taken, `beat` says that one came for the store at work, `suppress` that
        nothing more is to be written; `residual_full` has a bit for each half of the residual.
        """
        out = self.room(cmd_ready, wdata_ready)
        leaving = self.complete if self.leaves(out) else None
        row_line = leaving.row_line if leaving is not None else None
        float32 = leaving is not None and row_line is None
        mx_line = self.mx_lines.offered if out else None
        ends = (out and bool(self.outgoing)) + (beat and self.ending and self.silent)
        self.done, self.owed = ends + self.owed > 0, ends + self.owed > 1
        self.cmd = None if cmd_ready else self.cmd
        self.wdata = None if wdata_ready else self.wdata
        if out:
            self.outgoing = None
        if float32 or mx_line is not None:
            address, self.outgoing = (leaving.address, leaving.last) if float32 else mx_line
            if not suppress:
                self.cmd = self.wdata = address
        if leaving is not None:
            self.complete = None
        if beat:
            self.gathered += 1
            if self.gathered == self.lines[0].beats:
                self.complete, self.gathered = self.lines.popleft(), 0
        self.mx_lines.step(store if store is not None and store.fmt and ends_block(store) else None, row_line, out)
        if self.waiting:
            self.waiting = not residual_full >> self.store.add_half & 1
        if store is not None:
            self.store = store
            self.waiting = bool(store.add and not residual_full >> store.add_half & 1)
            self.lines.extend(self.line_beats(store))

    def line_beats(self, store: Store) -> list[Gathered]:
        """The lines that a store gathers, row by row."""
        whole, beats = LINE_FLOATS // self.cols, -(-store.n // self.cols)
        row_lines = -(-beats // whole)
        found = []
        for row in range(store.m):
            for line in range(row_lines):
                address = row_line = None
                if store.fmt:
                    place = store.part % BLOCK_PARTS * PART_LINES + line
                    row_line = RowLine(row, place, ends_block(store))
                else:
                    address = (store.base + row * store.stride + PART_LINES * store.part + line) % MEMORY_LINES
                last = row == store.m - 1 and line == row_lines - 1
                found.append(Gathered(min(whole, beats - line * whole), last, address, row_line))
        return found

"""When rows of float32 become quantised lines. Chapter: the sequencer and the tile mover."""

from dataclasses import dataclass

from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mx_lines import BLOCK_PARTS
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, Store

PART_LINES = STEP_ROWS // LINE_FLOATS  # of float32 in a row of a whole result
MXFP4, MXFP8 = map(STORE_FORMATS.index, ("mxfp4", "mxfp8"))


@dataclass(frozen=True)
class RowLine:
    """A line of float32: part `place` of a row of a block; `ends` says that it is of a part that ends the block."""

    row: int
    place: int
    ends: bool


class Quantiser:
    """`hdl/numerics/mx_quantise.py` without its numbers: a block is offered 2 cycles after its last beat."""

    def __init__(self):
        self.full = False  # a block is gathered
        self.valid = False  # one is offered

    def ready(self, dst_ready: bool) -> bool:
        """Whether a beat is taken."""
        return dst_ready or not self.valid or not self.full

    def step(self, beat: bool, last: bool, dst_ready: bool) -> None:
        """One rising edge: `beat` says that one was taken."""
        encode = self.full and (dst_ready or not self.valid)
        self.full = last if beat else self.full and not encode
        self.valid = encode or (self.valid and not dst_ready)


class MxLines:
    """A block at a time, from the store that ends it to its last line."""

    def __init__(self):
        self.quantiser = Quantiser()
        self.store: Store | None = None  # of the block at work
        self.complete = 0  # rows of float32
        self.reading: tuple[int, int] | None = None  # (row, place) of the line that goes to the quantiser next
        self.shown = False  # it has been read
        self.row = 0  # the one that comes out of the quantiser next
        self.scaling = False  # it is the scales' turn

    @property
    def ready(self) -> bool:
        """Whether a store that ends a block is taken."""
        return self.store is None

    @property
    def last_place(self) -> int:
        """Of a row: the line that completes it."""
        return self.store.part % BLOCK_PARTS * PART_LINES + (self.store.n - 1) // LINE_FLOATS

    @property
    def keeps(self) -> bool:
        """Whether codes wait for those of block 1."""
        return not (self.store.fmt == MXFP8 or self.store.part >= BLOCK_PARTS or self.store.closes)

    @property
    def offered(self) -> tuple[int, bool] | None:
        """(line address, whether it is its store's last) of the line on offer to memory, or None."""
        store = self.store
        if self.scaling:
            return store.scale_base, True
        if not self.quantiser.valid or self.keeps:
            return None
        block = store.part // BLOCK_PARTS if store.fmt == MXFP8 else 0
        last = self.row == store.m - 1 and not store.closes
        return (store.base + self.row * store.stride + block) % MEMORY_LINES, last

    def takes(self, line: RowLine) -> bool:
        """Whether a line of float32 is taken: it overwrites no row that is still to be read."""
        return line.ends or self.reading is None or line.row < self.reading[0]

    def step(self, store: Store | None, line: RowLine | None, out: bool) -> None:
        """One rising edge: `store` and `line` are those taken, `out` says that memory would take a line."""
        written = self.quantiser.valid and not self.scaling and (out or self.keeps)
        beat = self.shown and self.quantiser.ready(written)
        at_end = beat and self.reading[1] == self.last_place
        self.quantiser.step(beat, at_end, written)
        ended = self.scaling and out
        if ended:
            self.scaling = False
        if written:
            if self.row == self.store.m - 1:
                self.row, self.scaling = 0, bool(self.store.closes)
                ended = not self.scaling
            else:
                self.row += 1
        self.seek(beat, at_end)
        if line is not None and line.ends and line.place == self.last_place:
            self.complete += 1
        if ended:
            self.store = None
        if store is not None:
            self.store, self.reading, self.complete = store, (0, 0), 0

    def seek(self, beat: bool, at_end: bool) -> None:
        """Go on to the line that follows the one that left, and read it if its row is complete."""
        if self.reading is None:
            return
        row, place = self.reading
        if at_end and row == self.store.m - 1:
            self.reading, self.shown = None, False
            return
        self.reading = (row + 1, 0) if at_end else (row, place + beat)
        self.shown = self.reading[0] < self.complete

"""When a half of the scratchpad is spoken for, and when it is full. Chapter: the sequencer and the tile mover."""

from zhenwu.golden.tile.mover import LineWrite
from zhenwu.spec.isa import RESIDUAL

SCALE_BANK = -1
ALL_FLAGS = 0b111111  # A0 A1 B0 B1 R0 R1


class Scratchpad:
    """The flags, and of each operand the bank into which the second word of its last line still goes."""

    def __init__(self, rows: int, cols: int):
        self.banks = (rows, cols)
        self.reserved = self.full = 0
        self.held: list[int | None] = [None, None]

    def bank(self, line: LineWrite) -> int:
        """Where a line goes."""
        return SCALE_BANK if line.scale else line.row % self.banks[line.operand]

    def takes(self, line: LineWrite | None) -> bool:
        """Whether a line can come in: not after another of its bank."""
        return line is None or line.operand == RESIDUAL or self.held[line.operand] != self.bank(line)

    def step(self, line: LineWrite | None, reserve: int, free: int, start: bool) -> None:
        """One rising edge: `line` comes in, `reserve` and `free` are flags, `start` clears all."""
        self.held = [None, None]
        if line is not None:
            if line.operand != RESIDUAL:
                self.held[line.operand] = self.bank(line)
            if line.last:
                self.full |= 1 << 2 * line.operand + line.half
        self.reserved = (self.reserved | reserve) & ALL_FLAGS & ~free
        self.full &= ~free
        if start:
            self.reserved = self.full = 0

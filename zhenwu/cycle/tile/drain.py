"""When a result leaves the accumulators, beat by beat. Chapter: the array and its utilisation."""

from zhenwu.cycle.tile.mac_array import Result


class Drain:
    """A beat a cycle: read in one, shown in the next, offered in the one after."""

    def __init__(self, cols: int):
        self.cols = cols
        self.result: Result | None = None  # being read
        self.left = 0  # its beats still to be read
        self.shown: tuple[int, bool] | None = None  # (buffer, whether it is the last) of the beat that was read
        self.beat: tuple[int, bool] | None = None  # the same of the beat on offer

    def moves(self, ready: bool) -> bool:
        """Whether there is room behind what was read; `ready` is that of the beats' sink."""
        return ready or self.beat is None

    def reads(self, ready: bool) -> bool:
        """Whether a beat is read in this cycle."""
        return self.left > 0 and (self.shown is None or self.moves(ready))

    def takes(self, ready: bool) -> bool:
        """Whether a finished result is taken."""
        return self.left == 0 or (self.left == 1 and self.reads(ready))

    def freed(self, ready: bool) -> int:
        """The buffer that is given back in this cycle, as a bit, or 0."""
        return 1 << self.beat[0] if self.beat is not None and ready and self.beat[1] else 0

    def step(self, result: Result | None, ready: bool) -> None:
        """One rising edge: `result` is the one taken."""
        read, move = self.reads(ready), self.shown is not None and self.moves(ready)
        if move:
            self.beat = self.shown
        elif ready:
            self.beat = None
        if read:
            self.shown = self.result.buffer, self.left == 1
            self.left -= 1
        elif move:
            self.shown = None
        if result is not None:
            self.result, self.left = result, result.m * -(-result.n // self.cols)

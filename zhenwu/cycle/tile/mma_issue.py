"""When an mma's steps go to the array. Chapter: the array and its utilisation."""

from zhenwu.spec.isa import Mma


class MmaIssue:
    """A step a cycle; the next mma follows without a gap, unless the last one freed a half."""

    def __init__(self, rows: int, cols: int):
        self.rows, self.cols = rows, cols
        self.mma: Mma | None = None  # the one at work
        self.left = 0  # its steps, the offered one included
        self.buffer = 0  # the accumulators of the current or next mma
        self.waiting = 0  # a bit a buffer: handed off, not drained yet

    @property
    def valid(self) -> bool:
        """Whether a step is offered."""
        return self.left > 0

    @property
    def ending(self) -> bool:
        """Whether it is the last of its mma."""
        return self.left == 1

    @property
    def frees(self) -> int:
        """The flags of the halves whose last user the mma at work is."""
        mma = self.mma
        return 0 if mma is None else mma.release_a << mma.a_half | mma.release_b << 2 + mma.b_half

    def operands_ready(self, mma: Mma, full: int) -> bool:
        """Whether both halves of an mma are full."""
        return bool(full >> mma.a_half & full >> 2 + mma.b_half & 1)

    def takes(self, mma: Mma | None, full: int, step_ready: bool) -> bool:
        """Whether the queued mma begins at the next edge."""
        if mma is None or not self.operands_ready(mma, full):
            return False
        buffer = self.buffer
        if self.valid:
            if not (step_ready and self.ending and not self.frees):
                return False
            buffer ^= self.mma.last
        return not self.waiting >> buffer & 1

    def step(self, mma: Mma | None, moved: bool, freed: int) -> None:
        """One rising edge: `mma` is the one taken, `moved` says that the array took the step, `freed` which buffers
        were given back (a bit each).
        """
        self.waiting &= ~freed
        if moved:
            self.left -= 1
            if not self.left and self.mma.last:
                self.waiting |= 1 << self.buffer
                self.buffer ^= 1
        if mma is not None:
            self.mma = mma
            self.left = mma.k_blocks * -(-mma.m // self.rows) * -(-mma.n // self.cols)

"""When an mma's steps go to the array. Chapter: the array and its utilisation."""

from zhenwu.spec.isa import Mma
from zhenwu.spec.mma_formats import MMA_CODES


class MmaIssue:
    """A step a cycle, and behind a group of fewer steps than `latency` a pause for the rest of it, unless the group
    completes a result. The next mma follows without a gap, unless the last one freed a half.
    """

    def __init__(self, rows: int, cols: int, latency: int):
        self.rows, self.cols, self.latency = rows, cols, latency
        self.mma: Mma | None = None  # the one at work
        self.steps = 0  # of a group
        self.left = 0  # its steps, the offered one included
        self.groups = 0  # after the one at hand
        self.rest = 0  # cycles of a pause still to come
        self.at_work = False
        self.valid = False  # a step is offered
        self.buffer = 0  # the accumulators of the current or next mma
        self.waiting = 0  # a bit a buffer: handed off, not drained yet

    @property
    def ending(self) -> bool:
        """Whether the step at hand is the last of its mma."""
        return self.left == 1 and not self.groups

    @property
    def pause(self) -> int:
        """Cycles without a step behind a group."""
        return max(0, self.latency - self.steps)

    @property
    def frees(self) -> int:
        """The flags of the halves whose last user the mma at work is."""
        mma = self.mma
        return 0 if mma is None else mma.release_a << mma.a_half | mma.release_b << 2 + mma.b_half

    def operands_ready(self, mma: Mma, full: int) -> bool:
        """Whether both halves of an mma are full."""
        return bool(full >> mma.a_half & full >> 2 + mma.b_half & 1)

    def blocked(self, mma: Mma | None, full: int) -> bool:
        """Whether the array waits though operands are there: for accumulators, or to begin."""
        return not self.valid and (self.at_work or (mma is not None and self.operands_ready(mma, full)))

    def takes(self, mma: Mma | None, full: int, step_ready: bool) -> bool:
        """Whether the queued mma begins at the next edge."""
        if mma is None or not self.operands_ready(mma, full):
            return False
        buffer = self.buffer
        if self.valid:
            if not (step_ready and self.ending and not self.frees and (not self.pause or self.mma.last)):
                return False
            buffer ^= self.mma.last
        elif self.at_work or self.rest > 1:
            return False
        return not self.waiting >> buffer & 1

    def step(self, mma: Mma | None, moved: bool, freed: int) -> None:
        """One rising edge: `mma` is the one taken, `moved` says that the array took the step, `freed` which buffers
        were given back (a bit each).
        """
        self.waiting &= ~freed
        if self.rest:
            self.rest -= 1
            self.valid = self.at_work and not self.rest
        if moved:
            self.left -= 1
            if not self.left:
                self.close_group()
        if mma is not None:
            self.mma, self.at_work, self.valid, self.rest = mma, True, True, 0
            tiles = -(-mma.m // self.rows) * -(-mma.n // self.cols)
            self.steps = self.left = tiles * MMA_CODES[mma.fmt].passes
            self.groups = mma.k_groups - 1

    def close_group(self) -> None:
        """The last step of a group has moved."""
        result = not self.groups and self.mma.last
        if self.pause and not result:
            self.rest = self.pause
        self.valid = bool(self.groups) and not self.pause
        if self.groups:
            self.groups -= 1
            self.left = self.steps
            return
        self.at_work = False
        if result:
            self.waiting |= 1 << self.buffer
            self.buffer ^= 1

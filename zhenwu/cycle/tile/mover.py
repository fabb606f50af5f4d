"""When the reads of loads go out and their lines come in. Chapter: the sequencer and the tile mover."""

from collections import deque

from zhenwu.cycle.stream.fifo import Fifo
from zhenwu.golden.tile.mover import LineWrite
from zhenwu.golden.tile.mover import mover as lines_of_load
from zhenwu.spec.isa import Load


class Mover:
    """A read a cycle; the next load's reads follow the last one's, before those have answered."""

    def __init__(self, outstanding: int, half_steps: int):
        self.half_steps = half_steps
        self.reads: deque[LineWrite] = deque()  # of the load at hand, still to be issued
        self.waiting = Fifo(outstanding)  # issued, not answered

    def takes(self, load: Load | None, reserved: int) -> bool:
        """Whether the queued load is taken: nothing is being issued, and its half is not spoken for."""
        return load is not None and not self.reads and not reserved & self.flag(load)

    def flag(self, load: Load) -> int:
        """The flag of a load's half: A0 A1 B0 B1 R0 R1 from the lowest bit up."""
        return 1 << 2 * load.operand + load.half

    @property
    def cmd(self) -> int | None:
        """The line address that is offered to memory."""
        return self.reads[0].line_address if self.reads and self.waiting.ready else None

    @property
    def expected(self) -> LineWrite | None:
        """What the next line from memory is."""
        return self.waiting.head

    def step(self, load: Load | None, issued: bool, answered: bool) -> None:
        """One rising edge: `load` is the one taken, `issued` and `answered` say that a command and a line moved."""
        self.waiting.step(self.reads[0] if issued else None, answered)
        if issued:
            self.reads.popleft()
        if load is not None:
            self.reads.extend(lines_of_load(load, self.half_steps))

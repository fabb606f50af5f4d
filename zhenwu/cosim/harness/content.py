"""What the harness's device holds, and what its reads must return."""

from collections import deque
from functools import lru_cache

from hdl.harness.device import LINES, NEVER_WRITTEN
from hdl.harness.lfsr import AGAIN, DRAW_BITS, LEFT, MASK, RIGHT
from hdl.harness.line_hash import STEPS, UNUSED


def line_of(value: int) -> int:
    """What `hdl/harness/line_hash.py` makes of 31 bits."""
    line = 0
    for step in range(STEPS):
        value ^= value >> LEFT
        value ^= value << RIGHT & MASK
        value ^= value >> AGAIN
        line |= value << DRAW_BITS * step
    return line >> UNUSED


@lru_cache(maxsize=2 * LINES)
def unwritten(line_address: int) -> int:
    """A line that was never written."""
    return line_of(NEVER_WRITTEN | line_address)


class BoundedContent(dict):
    """A store for a `Device` with `lines` lines: those whose addresses agree modulo `lines` are one and the same."""

    def __init__(self, lines: int = LINES):
        super().__init__()
        self.lines = lines

    def read(self, line_address: int) -> int:
        """The bits of a line."""
        value = self.get(line_address % self.lines)
        return unwritten(line_address) if value is None else value

    def write(self, line_address: int, value: int) -> None:
        """Store a line."""
        self[line_address % self.lines] = value


class Returns:
    """A plain dictionary of what the port was told, against which each line that returns is held.

    A write's data may come after later commands, so a line is a list of one value that is filled in when they do.
    """

    def __init__(self):
        self.faults: list[str] = []
        self.restart(BoundedContent())

    def restart(self, content: BoundedContent) -> None:
        """A reset: what is under way is dropped, and of what was to be written `content` knows the rest."""
        self.content = content.copy()
        self.memory: dict[int, list[int]] = {}
        self.reads: deque[tuple[int, int, list[int]]] = deque()  # id, line address, value
        self.early: deque[int] = deque()  # beats ahead of their commands
        self.late: deque[list[int]] = deque()  # writes ahead of their beats

    def command(self, write: bool, line_address: int, id: int) -> None:
        """The port takes a command."""
        if write:
            self.memory[line_address] = line = []
            if self.early:
                line.append(self.early.popleft())
            else:
                self.late.append(line)
            return
        line = self.memory.get(line_address)
        if line is None:
            before = self.content.get(line_address % LINES)
            line = self.memory[line_address] = [unwritten(line_address) if before is None else before]
        self.reads.append((id, line_address, line))

    def beat(self, data: int) -> None:
        """The port takes a write's data."""
        if self.late:
            self.late.popleft().append(data)
        else:
            self.early.append(data)

    def line(self, now: int, id: int, data: int) -> None:
        """The port gives a line back."""
        if not self.reads:
            self.faults.append(f"CK {now}: a line returns that nobody asked for")
            return
        asked, line_address, line = self.reads.popleft()
        if id != asked or line != [data]:
            self.faults.append(f"CK {now}: the read of line {line_address} returns {data:#x} with id {id}, expected "
                               f"{', '.join(map(hex, line)) or 'nothing before its write has data'} with id {asked}")

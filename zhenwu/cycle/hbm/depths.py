"""What depth buys: shares of DQ's peak on the cycle model, by entries of the queues and lines of the return buffer."""

from collections.abc import Iterator
from typing import NamedTuple

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.cycle.hbm.traffic import run
from zhenwu.golden.hbm.bound import Counted, counted_bound

ACCESSES = 20_000


class Depth(NamedTuple):
    """One run: the pattern, the entries of each queue, the lines of the return buffer."""

    pattern: str
    entries: int
    lines: int

    def __str__(self) -> str:
        return f"{self.pattern}, {self.entries} + {self.entries} entries, {self.lines} lines"


DEPTHS = (
    *(Depth("stream", entries, 64) for entries in (16, 24, 32)),
    *(Depth("stream", 32, lines) for lines in (16, 32, 48)),
    *(Depth("triad", entries, 64) for entries in (16, 24, 32)),
    *(Depth("random_reads", 32, lines) for lines in (64, 128)),
)


def measured(depth: Depth, seed: int, count: int = ACCESSES) -> Counted:
    """`count` accesses at full load, with refresh. RuntimeError if a rule was broken or a line was wrong."""
    sizes = {"read_entries": depth.entries, "write_entries": depth.entries, "return_entries": depth.lines}
    result = run(accesses(depth.pattern, count, seed), Controller(**sizes))
    if result.faults:
        raise RuntimeError(f"{depth}: {result.faults[0]}")
    return counted_bound((command.cycle, command.op) for command in result.referee.commands)


def depths(seed: int) -> Iterator[tuple[Depth, Counted]]:
    """All of DEPTHS, one after another."""
    for depth in DEPTHS:
        yield depth, measured(depth, seed)

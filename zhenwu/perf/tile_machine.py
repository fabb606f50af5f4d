"""A tile's sizes and the constant-rate memory under it, and what its units make of loads and stores.

The memory is `hdl/bench/memory.py`: a line, read or written, every so many cycles, in the order of the commands.
Chapter: the array and its utilisation.
"""

from dataclasses import dataclass
from functools import lru_cache

from zhenwu.perf.tile_instructions import LINE_FLOATS, Load, Mma, Store
from zhenwu.spec.isa import RESIDUAL, STEP_ROWS

SCALE_BANK = -1


@dataclass(frozen=True)
class Machine:
    """A tile, and the memory of constant rate that it sits on. The memory holds as many reads as the tile asks for."""

    rows: int
    cols: int
    passes: int  # cycles of a group of k
    latency: int  # cycles of an accumulator's loop through the adder
    queue_depth: int  # instructions at each unit
    outstanding: int  # reads under way
    memory_latency: int  # cycles from taking a read to its line
    cycles_per_line: int

    def steps(self, mma: Mma) -> int:
        """Cycles of a group of k of an mma, pauses left out: sub-tiles wholly outside its result are skipped."""
        return self.passes * -(-mma.m // self.rows) * -(-mma.n // self.cols)

    def pause(self, mma: Mma) -> int:
        """Cycles between its groups, where there are too few sub-tiles to hide the adder's latency."""
        return max(0, self.latency - self.steps(mma))


@lru_cache(1 << 10)
def banks(load: Load, count: int) -> tuple[int, ...]:
    """The bank of each line of a load, in the order in which they are read; of a residual none waits for its bank."""
    if load.operand == RESIDUAL:
        return tuple(range(load.lines))
    found: list[int] = []
    for panel in range(0, load.rows, STEP_ROWS):
        rows = [row % count for row in range(min(STEP_ROWS, load.rows - panel))]
        for k_step in range(1, load.k_steps + 1):
            found += rows
            if load.scale_steps and (k_step % load.scale_steps == 0 or k_step == load.k_steps):
                found.append(SCALE_BANK)
    return tuple(found)


@lru_cache(1 << 10)
def line_beats(store: Store, cols: int) -> tuple[int, ...]:
    """The beats of each line of a result: rows in whole lines."""
    whole, beats = LINE_FLOATS // cols, -(-store.n // cols)
    return tuple(min(whole, beats - at) for _ in range(store.m) for at in range(0, beats, whole))

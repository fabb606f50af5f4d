"""Programs on the tile's cycle model and an ideal memory: when each ends and what the array did, or where it hangs.

Chapter: the sequencer and the tile mover.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhenwu.cycle.memory import Memory
from zhenwu.cycle.tile.tile import Tile

PATIENCE = 1000  # cycles without a transfer, beside the memory's own, after which nothing will move any more
PROGRESS_CYCLES = 256


@dataclass(frozen=True)
class Ran:
    """A program that ended with a status word, or was left where it stood, `status` then being None."""

    status: int | None
    cycles: int  # from start to done, or until it was left
    counts: dict[str, int]  # what the array did, by activity, and conflicts
    at: int  # the instruction at which the sequencer stands
    hangs: bool  # nothing moved any more


def patience(memory: Memory) -> int:
    """Cycles that may pass without a transfer: more than the memory, and a pause of the array, can take."""
    return PATIENCE + memory.latency + memory.cycles_per_line


def run_programs(
    programs: Sequence[Sequence[int]], tile: Tile, memory: Memory, *, budget: int,
    progress: Callable[[int], None] = lambda now: None,
) -> list[Ran]:
    """Programs of 128-bit words one after another, up to the first that does not end; `progress` is told the cycle.

    One is left that hangs, or when all together have taken `budget` cycles.
    """
    now = moved_at = 0

    def step(code: tuple[int, int] | None = None, start: bool = False, length: int = 0) -> None:
        nonlocal now, moved_at
        before = stands(tile)
        seen = tile.cmd, tile.wdata is not None, tile.rdata_ready
        moves = (
            seen[0] is not None and memory.cmd_ready or seen[1] and memory.wdata_ready
            or seen[2] and memory.rdata_valid or tile.mma_issue.valid and tile.mac_array.ready
        )
        tile.step(code, start, length, memory.cmd_ready, memory.wdata_ready, memory.rdata_valid)
        memory.step(now, *seen)
        now += 1
        if moves or code is not None or stands(tile) != before:
            moved_at = now

    found: list[Ran] = []
    taken = 0
    for words in programs:
        step()  # the host sees `done`, and drives the first word in the next cycle
        for place, word in enumerate(words):
            step((place, word))
        began = now
        step(None, True, len(words))
        while not tile.sequencer.done and now - moved_at < patience(memory) and taken + now - began < budget:
            step(None, False, len(words))
            if now % PROGRESS_CYCLES == 0:
                progress(taken + now - began)
        taken += now - began
        found.append(ran(tile, now - began, now - moved_at >= patience(memory)))
        if not tile.sequencer.done:
            break
    return found


def stands(tile: Tile) -> tuple[int, int, int]:
    """How far the program is: the sequencer's state and instruction, and the beats of a result that have left."""
    return tile.sequencer.state, tile.sequencer.index, tile.drain.left


def ran(tile: Tile, cycles: int, hangs: bool) -> Ran:
    """How the program at hand stands after so many cycles."""
    sequencer = tile.sequencer
    counts = tile.counters.cycles | {"conflicts": tile.counters.conflicts}
    return Ran(sequencer.status if sequencer.done else None, cycles, counts, sequencer.index, hangs)

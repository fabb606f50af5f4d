"""Equal groups of a product: once its events repeat, moved by a period, whole periods are left out.

Chapter: the array and its utilisation.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhenwu.perf.tile_events import Timing


class Periods:
    """What was seen where each of a run of equal segments began, and the cycles that were left out."""

    def __init__(self):
        self.skipped = 0
        self.seen: dict = {}  # state: (time, repetitions left)

    def leave_out(self, count: int, now: int, state: tuple) -> int:
        """Of `count` equal segments to come, those that are left when whole periods are left out."""
        if state not in self.seen:
            self.seen[state] = now, count
            return count
        before, more = self.seen[state]
        periods, left = divmod(count - 1, more - count)
        self.skipped += periods * (now - before)
        self.seen.clear()
        return left + 1


def state(timing: "Timing", oldest: int) -> tuple:
    """All that what follows depends on, times counted from the last dispatch; what is before `oldest` makes no
    difference.
    """
    now = timing.dispatched

    def since(*times: int | None) -> tuple:
        return tuple(None if time is None else max(time, oldest) - now for time in times)

    return (
        timing.load, timing.read, timing.lines, timing.line, timing.draining, timing.write_last, timing.bank,
        timing.store, timing.adds, timing.row_line, timing.block.state(since),
        since(
            timing.read_at, timing.mover_free, timing.array_free, timing.store_at, timing.drain_reads, *timing.beats,
            timing.complete, timing.left, timing.write_at, timing.written, timing.accepted, *timing.served,
            timing.offered,
        ),
        since(*timing.arrived), since(*timing.buffers), since(*timing.results),
        *(since(*times) for times in (*timing.free, *timing.full, *timing.taken.values())),
        *(tuple((each, seen - now) for each, seen in queue) for queue in timing.queues.values()),
    )

"""Who holds a matmul back? Measured cycles beside what array and DQ need at least, from memory to memory.

    needed by the array: one CK for each block of 32 of each output sub-tile
    needed by DQ:        its bursts, and between them the turns and refreshes that no controller can save

No matmul is faster than the slower of the two. What neither explains is latency: rows that open, lines on their way,
work that waits for other work to end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from zhenwu.cosim.tile.host import Job
from zhenwu.cycle.slice import Span
from zhenwu.golden.hbm.bound import Counted, counted_bound
from zhenwu.spec.balance import M890_BALANCE_HIGH, M890_BALANCE_LOW, slice_balance
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming
from zhenwu.spec.isa import FINISHED, status

LARGE = (8, 8)
LATENCY_SHARE = 0.5  # of the time, left unexplained by both bounds: from here on latency is the limit


@dataclass(frozen=True)
class Figures:
    """One job: its `span`, the CK that the array needs, what DQ moved, and the multiply-adds.

    `refreshed` are CK of refreshes before the first burst, which `counted` does not see. Between the programs of one
    job the host fills the program memory; that time counts as latency.
    """

    name: str
    span: Span
    array_cycles: int
    counted: Counted
    multiply_adds: int
    refreshed: int = 0

    @property
    def took(self) -> int:
        """CK from the start to the last line in the device."""
        return self.span.settled - self.span.began

    @property
    def dq_cycles(self) -> int:
        """CK that DQ needs at least."""
        return self.counted.burst * self.counted.lines + self.counted.lost + self.refreshed

    @property
    def least(self) -> int:
        """CK that the job takes at least."""
        return max(self.array_cycles, self.dq_cycles)

    @property
    def array_share(self) -> float:
        """Of the time, how much the array multiplied."""
        return self.array_cycles / self.took

    @property
    def array_bound(self) -> float:
        """The most that it could, on this memory."""
        return self.array_cycles / self.least

    @property
    def dq_share(self) -> float:
        """Of the time, how much DQ moved lines."""
        return self.counted.burst * self.counted.lines / self.took

    @property
    def dq_bound(self) -> float:
        """The most that it could, given its turns and refreshes."""
        return self.counted.burst * self.counted.lines / self.dq_cycles

    @property
    def limit(self) -> str:
        """Who holds it back: compute, HBM or latency."""
        if 1 - self.least / self.took >= LATENCY_SHARE:
            return "latency"
        return "compute" if self.array_cycles >= self.dq_cycles else "HBM"

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.span.done - self.span.began:,} CK to its end, {self.took:,} until all is in memory, "
            f"at least {self.least:,}; array busy {self.array_cycles:,} CK = {self.array_share:.1%} (bound "
            f"{self.array_bound:.1%}); DQ {self.counted.lines:,} lines = {self.dq_share:.1%} (bound "
            f"{self.dq_bound:.1%}); limit: {self.limit}"
        )


def figures(
    jobs: Sequence[Job], spans: Sequence[Span], commands: Iterable[DramCommand], timing: HbmTiming = HBM3_6400
) -> list[Figures]:
    """Figures of jobs that ran one after another, of those that ended well and moved lines.

    `commands` are all that crossed the pins.
    """
    commands = list(commands)
    found = []
    for job, span in zip(jobs, spans, strict=True):
        if set(job.statuses) != {status(FINISHED)} or not job.lines_moved:
            continue
        own = [(each.cycle, each.op) for each in commands if span.began <= each.cycle < span.settled]
        before = [op for _, op in takewhile(lambda command: command[1] not in ("RD", "WR"), own)]
        refreshed = before.count("REFab") * timing.total("nRFCab")
        counted = counted_bound(own, timing)
        found.append(Figures(job.name, span, job.mma_cycles, counted, job.multiply_adds, refreshed))
    return found


def balance_note(rows: int, cols: int) -> str:
    """The slice's bytes a multiply-add beside the M890's, in words."""
    low, high = float(M890_BALANCE_LOW), float(M890_BALANCE_HIGH)
    note = (
        f"balance: {float(slice_balance(rows, cols)):.4f} bytes of DQ a multiply-add in this {rows} x {cols} slice, "
        f"{low:.4f} to {high:.4f} in the M890, if our assumptions on its bandwidth and peak hold: {richer(rows, cols)}"
    )
    return note if (rows, cols) == LARGE else f"{note}; an {LARGE[0]} x {LARGE[1]} slice would be {richer(*LARGE)}"


def richer(rows: int, cols: int) -> str:
    """How much richer in memory than the M890 a slice is, in words."""
    ours = float(slice_balance(rows, cols))
    return f"{ours / float(M890_BALANCE_HIGH):.1f} to {ours / float(M890_BALANCE_LOW):.1f} times as rich"

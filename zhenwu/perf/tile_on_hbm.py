"""How long the tile takes for a product on one HBM3 pseudo-channel, in place of a memory of one rate.

What a line costs there depends on where it lies and on what else waits, and all stands still for a refresh; so no rate
says it. The tile's events and the channel's commands are followed together, program by program, and the cycles are
those of the cycle models. Once `FOLLOWED` CK have gone by, the programs that are left are taken to last as much longer
than on a memory without gaps as those that were followed: an estimate. Chapter: a slice that runs a matmul.
"""

from dataclasses import dataclass

from zhenwu.perf.hbm_channel import Channel
from zhenwu.perf.tile import LEAST_MEMORY_LATENCY, machine_of, run
from zhenwu.perf.tile_on_channel import OnChannel
from zhenwu.perf.tile_program import Product, lines_moved, programs
from zhenwu.perf.tile_requests import requests
from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming
from zhenwu.spec.mma_formats import mma_format
from zhenwu.spec.tile import SIM_TILE

FOLLOWED = 40 * HBM3_6400.total("nREFI")  # CK; the program at work is followed to its end


@dataclass(frozen=True)
class SliceTime:
    """A product on the slice, from start to done over all programs, without the CK between them."""

    cycles: int
    followed: int  # cycles of the programs that were followed: all, or else the rest is an estimate
    lines: int  # read and written

    @property
    def exact(self) -> bool:
        """Whether the cycle models of tile and controller take just as many."""
        return self.followed == self.cycles

    @property
    def cycles_per_line(self) -> float:
        """What a line cost on average, the array's share of the time and refreshes included."""
        return self.cycles / self.lines


def slice_cycles(
    m: int, n: int, k: int, fmt: str, rows: int = int(SIM_TILE.rows), cols: int = int(SIM_TILE.cols), *,
    half_steps: int = int(SIM_TILE.half_steps), latency: int = int(SIM_TILE.adder_latency),
    program_depth: int = int(SIM_TILE.program_depth), queue_depth: int = int(SIM_TILE.queue_depth),
    outstanding: int = int(SIM_TILE.outstanding), timing: HbmTiming = HBM3_6400, first_line: int = 0,
    followed: int = FOLLOWED,
) -> SliceTime:
    """The time of a product stored as float32 whose matrices lie one behind the other from `first_line` on, A, B and C.

    The first word of the first program comes in the CK behind reset, from which refreshes are counted.
    ValueError as `matmul_cycles`.
    """
    product = Product(m, n, k, mma_format(fmt), half_steps, program_depth)
    burst = timing.total("nBL")
    machine = machine_of(product, rows, cols, latency, queue_depth, outstanding, LEAST_MEMORY_LATENCY, burst)
    channel, work = Channel(timing), programs(product)
    done = cycles = count = 0
    for program, reads, writes in requests(product, first_line):
        if done >= followed:
            break
        start = done + 2 + sum(len(segment) * repeated for segment, repeated in program)  # a word a CK, and a wait
        done = OnChannel(program, machine, channel, reads, writes, start).run()
        cycles += done - start
        count += 1
    rest = 0
    if count < len(work):
        smooth = run(work[:count], machine)
        rest = round((run(work, machine) - smooth) * cycles / smooth)
    return SliceTime(cycles + rest, cycles, sum(map(lines_moved, work)))

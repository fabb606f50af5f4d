"""How long the tile takes for a product on one HBM3 pseudo-channel, in place of a memory of one rate: an estimate.

What a line costs there depends on where it lies, and all stands still for a refresh. So the first lines of the product,
in the order in which the tile asks for them, go through `hbm_channel`; what they cost on average is the rate of the
memory that `tile` takes, and between two whole rates cycles are interpolated. Over 10 refresh intervals and more, where
array or memory alone limit, this was within 5.1 % of the cycle models of tile and controller in 25 products, most often
too little; where both limit by turns, an average rate hides that they wait for each other: 6.9 % too little in one.
Chapter: a slice that runs a matmul.
"""

from dataclasses import dataclass
from itertools import islice

from zhenwu.perf.hbm_channel import Channel
from zhenwu.perf.tile import matmul_cycles
from zhenwu.perf.tile_program import Product
from zhenwu.perf.tile_requests import requests
from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming
from zhenwu.spec.hbm_controller import CONTROLLER
from zhenwu.spec.mma_formats import mma_format
from zhenwu.spec.tile import SIM_TILE

SAMPLE = 40_000  # lines that are looked at


@dataclass(frozen=True)
class SliceTime:
    """An estimate of a product on the slice, from start to done over all programs, without the CK between them."""

    cycles: int
    cycles_per_line: float  # of the lines that were looked at, refreshes included


def slice_cycles(
    m: int, n: int, k: int, fmt: str, rows: int = int(SIM_TILE.rows), cols: int = int(SIM_TILE.cols), *,
    half_steps: int = int(SIM_TILE.half_steps), latency: int = int(SIM_TILE.adder_latency),
    program_depth: int = int(SIM_TILE.program_depth), timing: HbmTiming = HBM3_6400, first_line: int = 0,
) -> SliceTime:
    """The time of a product whose matrices lie one behind the other from `first_line` on, A, B and C.

    ValueError as `matmul_cycles`.
    """
    product = Product(m, n, k, mma_format(fmt), half_steps, program_depth)
    lines = list(islice(requests(product, first_line), SAMPLE))
    rate = Channel(timing).serve(lines) / len(lines)
    whole = int(rate)
    latency_to_data = int(CONTROLLER.latency) + timing.total("nRCDRD", "nCL", "nBL")
    slower, faster = (
        matmul_cycles(
            m, n, k, fmt, rows, cols, half_steps=half_steps, latency=latency, program_depth=program_depth,
            memory_latency=latency_to_data, cycles_per_line=each,
        ).cycles
        for each in (whole + 1, whole)
    )
    return SliceTime(round(faster + (rate - whole) * (slower - faster)), rate)

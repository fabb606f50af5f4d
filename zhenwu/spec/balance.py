"""Balance: the bytes that memory can bring for each multiply-add that the arrays can do, of a slice and of the M890.

Two machines with equal balance starve at the same matrices. Nobody has published the M890's bandwidth or its peak, so
its balance is a range with two assumed ends. Chapter: a slice that runs a matmul.
"""

from zhenwu.spec import m890
from zhenwu.spec.hbm3 import HBM3_6400, HBM3_GEOMETRY
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.tile import TILE

FLOP_PER_MAC = Sourced(2, "FLOP/MAC", "a multiplication and an addition", "derived", key="flop_per_mac")
MAC_PER_LANE = Sourced(1, "MAC/CK", "a lane multiplies and adds once a cycle of the one clock", "derived",
                       key="tile.mac_per_lane")
FP4_OVER_FP16 = Sourced(
    4, "", m890.RATE_RATIO_FP8_FP4.source, "assumed", key="m890.fp4_over_fp16", inputs=(m890.RATE_RATIO_FP8_FP4,),
    note="The ratio as a number: equal issue time for k16 of FP16 and k64 of MXFP4.",
)


def multiply_adds_per_s(fp16_peak: Sourced) -> Sourced:
    """MXFP4 multiply-adds a second at this FP16 peak."""
    return fp16_peak.to("FLOP/s") * FP4_OVER_FP16 / FLOP_PER_MAC


def m890_balance(bandwidth: Sourced, fp16_peak: Sourced) -> Sourced:
    """Bytes a multiply-add of the whole chip."""
    return bandwidth.to("B/s") / multiply_adds_per_s(fp16_peak)


def slice_balance(rows: int, cols: int) -> Sourced:
    """Bytes a multiply-add of a tile with `rows` x `cols` dot units on one pseudo-channel, at DQ's peak."""
    multiply_adds = rows * cols * TILE.lanes * MAC_PER_LANE
    return (HBM3_GEOMETRY.line_bytes / HBM3_6400.nBL / multiply_adds).named(f"slice.balance_{rows}x{cols}")


PEAKS = [m890.PEAK_SCENARIOS_FP16.pick(index) for index in range(len(m890.PEAK_SCENARIOS_FP16.value))]
M890_BALANCE_LOW = m890_balance(m890.HBM_BANDWIDTH_LOW, PEAKS[-1]).named(
    "m890.balance_low", "The least bandwidth and the highest peak."
)
M890_BALANCE_HIGH = m890_balance(m890.HBM_BANDWIDTH_HIGH, PEAKS[0]).named(
    "m890.balance_high", "The most bandwidth and the lowest peak."
)

"""What no controller can pass: the limits of one pseudo-channel in closed form, in CK and in shares of DQ's peak.

A measured run stands beside `counted_bound` of its own commands: the least time in which DQ could have moved those
lines in that order, with those refreshes. Chapter: the controller and its limits.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming


@dataclass(frozen=True)
class Counted:
    """`lines` moved on DQ, the CK that they `took` from the first column command to the last burst's end, and the CK
    `lost` between bursts that no controller can save."""

    lines: int
    took: int
    lost: int
    burst: int

    @property
    def achieved(self) -> float:
        """Share of the time in which DQ moved data."""
        return self.burst * self.lines / self.took if self.took else 0.0

    @property
    def bound(self) -> float:
        """The most that it can be."""
        return self.burst * self.lines / (self.burst * self.lines + self.lost) if self.lines else 1.0


def lost_between(first: str, second: str, refreshes: int, timing: HbmTiming = HBM3_6400) -> int:
    """CK that DQ must idle between the bursts of two adjacent column commands, RD or WR each.

    Without a refresh a turn of direction costs. With one, all banks close after the first and one opens before the
    second; each further refresh takes nRFCab more.
    """
    burst = timing.total("nBL")
    if refreshes:
        close = timing.total("nRTP") if first == "RD" else timing.total("nCWL", "nBL", "nWR")
        reopen = timing.total("nRCDRD") if second == "RD" else timing.total("nRCDWR")
        return close + timing.total("nRP") + refreshes * timing.total("nRFCab") + reopen - burst
    if first == second:
        return 0
    return timing.total("nRTW") - burst if first == "RD" else timing.total("nCWL", "nBL", "nWTRS") - burst


def counted_bound(commands: Iterable[tuple[int, str]], timing: HbmTiming = HBM3_6400) -> Counted:
    """The bound of a finite run, from its (CK, command) in order; commands that move nothing may stand among them."""
    lines = lost = refreshes = 0
    start = end = 0
    before = ""
    burst = timing.total("nBL")
    for cycle, op in commands:
        if op == "REFab":
            refreshes += 1
        if op not in ("RD", "WR"):
            continue
        if before:
            lost += lost_between(before, op, refreshes, timing)
        else:
            start = cycle
        lines, end, before, refreshes = lines + 1, cycle + burst, op, 0
    return Counted(lines, end - start, lost, burst)


def stream_bound(timing: HbmTiming = HBM3_6400) -> float:
    """A long run of reads of open rows, with all-bank refresh: 1 - 480 / 6240 for the 6.4 Gb/s table."""
    return 1 - lost_between("RD", "RD", 1, timing) / timing.total("nREFI")


def opening_bound(lines_per_row: float, timing: HbmTiming = HBM3_6400) -> float:
    """The most of DQ's peak that reads reach, without refresh, if a row opens for every `lines_per_row` lines.

    Rows open no faster than every nRRDS, and not more than four of them in nFAW.
    """
    opening = max(timing.total("nRRDS"), timing.total("nFAW") / 4)
    return min(1.0, lines_per_row * timing.total("nBL") / opening)


def one_bank_interval(write: bool, timing: HbmTiming = HBM3_6400) -> int:
    """CK between two accesses to different rows of one bank, without refresh."""
    if write:
        cycle = timing.total("nRCDWR", "nCWL", "nBL", "nWR", "nRP")
    else:
        cycle = timing.total("nRCDRD", "nRTP", "nRP")
    return max(timing.total("nRC"), timing.total("nRAS", "nRP"), cycle)


def unloaded_read(state: str, timing: HbmTiming = HBM3_6400) -> int:
    """CK from the first command of a read to the end of its burst: the row is a `hit`, `closed`, or a `conflict`."""
    steps = {"hit": (), "closed": ("nRCDRD",), "conflict": ("nRP", "nRCDRD")}
    if state not in steps:
        raise ValueError(f"state {state!r}: expected one of {', '.join(steps)}")
    return timing.total(*steps[state], "nCL", "nBL")

"""The memory controller's own sizes and policy: all ours, since nobody publishes one. Rules: `hbm3_rules.py`.

Chapter: the controller and its limits.
"""

from dataclasses import dataclass

from zhenwu.spec.hbm3 import HBM3_GEOMETRY, HbmTiming
from zhenwu.spec.sourced import Sourced

BANKS = int(HBM3_GEOMETRY.bank_groups) * int(HBM3_GEOMETRY.banks)
PIPELINE = 4  # CK that a choice and what follows from it take through the registers, ACT before PRE included
ENTRIES = 64  # of a queue, at most
SLOTS = 128  # lines of the return buffer, and of the write buffer, at most
LONGEST_WAIT = 1 << 24  # CK that the ages' counter has room for

# Address maps: the fields of a line address from its lowest bit up. The names read from the highest field down,
# as in the field: row, bank, column, bank group.
ADDRESS_MAPS = {
    "RoBaCoBg": ("bank_group", "column", "bank", "row"),
    "RoBaBgCo": ("column", "bank_group", "bank", "row"),
}


def ours(value: int | float | str, unit: str, key: str, why: str) -> Sourced:
    """A size that we chose, with the reason."""
    return Sourced(value, unit, f"ours: {why}", "assumed", key=f"controller.{key}")


@dataclass(frozen=True)
class ControllerSpec:
    """One pseudo-channel's controller: how much it holds, and when it changes its mind."""

    read_entries: Sourced  # requests that wait
    write_entries: Sourced
    return_entries: Sourced  # lines on their way back, or promised
    address_map: Sourced  # a name of ADDRESS_MAPS
    max_age: Sourced  # from which age on a request's direction comes first
    high_watermark: Sourced  # of the write queue, as a share: from here on writes go first ...
    low_watermark: Sourced  # ... until here
    refresh_slack: Sourced  # a REFab comes at most so long after it is due
    latency: Sourced  # P: what a read takes beyond the device's own time

    def watermarks(self, write_entries: int) -> tuple[int, int]:
        """(high, low) in entries: at least ceil(share) and at most floor(share), with integers so that .8 is exact."""
        high, low = (round(100 * float(share)) for share in (self.high_watermark, self.low_watermark))
        return -(-high * write_entries // 100), low * write_entries // 100


CONTROLLER = ControllerSpec(
    read_entries=ours(32, "", "read_entries", "64 CK of look-ahead hide a precharge and an activate (57 CK); with 16 "
                      "entries a stream reaches .84 of DQ, with 32 .92"),
    write_entries=ours(32, "", "write_entries", "as many writes in a row pay for the two turns of DQ (35 CK)"),
    return_entries=ours(64, "", "return_entries", "reads in flight and one blocked head: with 16 lines a stream "
                        "reaches .78 of DQ, with 32 .86, with 48 as much as with 64; random reads, which wait longer, "
                        "reach .28 with 64 and .30 with 128"),
    address_map=ours("RoBaCoBg", "", "address_map", "neighbouring lines go to different bank groups, which alone "
                     "may follow each other every 2 CK"),
    max_age=ours(1024, "CK", "max_age", "a few times the wait at full load; without a limit a write under a flood "
                 "of reads waits for ever"),
    high_watermark=ours(0.8, "", "high_watermark", "the simulators' default"),
    low_watermark=ours(0.2, "", "low_watermark", "the simulators' default"),
    refresh_slack=ours(512, "CK", "refresh_slack", "what is under way takes some hundred CK to finish; how far a "
                       "device lets a refresh slip is not public"),
    latency=ours(5, "CK", "latency", "4 CK from a read's acceptance to its first possible command (input queue, "
                 "hazards, request queue, command pins) and 1 more than the burst's last CK to the port"),
)


def write_slots(timing: HbmTiming, write_entries: int) -> int:
    """Lines that the write buffer holds: those of the queue, and those whose bursts are still to leave."""
    return write_entries + -(-timing.total("nCWL", "nBL") // timing.total("nCCDS"))


def check_sizes(
    timing: HbmTiming, read_entries: int, write_entries: int, return_entries: int, address_map: str, max_age: int,
    refresh_start: int,
) -> None:
    """Refuse what this controller cannot have or do: ValueError, one sentence."""
    slack = int(CONTROLLER.refresh_slack)
    limits = (
        ("read_entries", read_entries, 1, ENTRIES),
        ("write_entries", write_entries, 1, ENTRIES),
        ("return_entries", return_entries, 1, SLOTS),
        ("max_age", max_age, 1, 1 << 20),
        ("refresh_start", refresh_start, 1, timing.total("nREFI")),
        ("nBL", timing.total("nBL"), 2, 2),  # a line is two halves
        ("nCWL", timing.total("nCWL"), 2, 64),
        ("nCL", timing.total("nCL"), 1, 64),
        ("nFAW", timing.total("nFAW"), 3, 1 << 20),  # the gate sees an ACT two CK later
        ("nREFI", timing.total("nREFI"), timing.total("nRFCab") + slack + 1, 1 << 20),
    )
    for name, value, least, most in limits:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{name} = {value!r}: expected a whole number of {least} .. {most}")
    if address_map not in ADDRESS_MAPS:
        raise ValueError(f"address_map = {address_map!r}: expected one of {', '.join(ADDRESS_MAPS)}")
    if refresh_wait(timing) > slack:
        raise ValueError(
            f"in this table a refresh might begin {refresh_wait(timing)} CK after it is due, until all openers are "
            f"served and all rows closed: expected at most {slack}"
        )
    wait = longest_wait(timing, read_entries, write_entries, max_age)
    if wait >= LONGEST_WAIT:
        raise ValueError(
            f"max_age = {max_age} and nREFI = {timing.total('nREFI')}: a request might wait {wait} CK, expected less "
            f"than {LONGEST_WAIT}"
        )


def openers_served(timing: HbmTiming) -> int:
    """CK until no opener waits, at most, while nothing but openers is served and no row opens.

    All are ready after the longer nRCD. Those of one direction then go one after the other, DQ turns, and the rest do.
    """
    turn = max(timing.total("nRTW"), timing.total("nCWL", "nBL", "nWTRL"))
    return max(timing.total("nRCDRD"), timing.total("nRCDWR")) + turn + BANKS * timing.total("nCCDL")


def closing(timing: HbmTiming) -> int:
    """CK from a bank's last command until it may be precharged, at most; another precharge can come between."""
    return max(timing.total("nRAS"), timing.total("nRTP"), timing.total("nCWL", "nBL", "nWR")) + timing.total("nPPD")


def refresh_wait(timing: HbmTiming) -> int:
    """CK from the moment a refresh is due to REFab, at most."""
    closed = max(closing(timing) + timing.total("nRP"), timing.total("nRC"))
    return openers_served(timing) + closed + PIPELINE


def longest_wait(timing: HbmTiming, read_entries: int, write_entries: int, max_age: int) -> int:
    """CK from the moment a request can be served to its column command, at most; not tight, but it holds.

    Once a request is older than `max_age`, at most all other entries are older, and they are served in the order of
    their age. For the oldest of all its direction is taken; openers that the other direction left behind are served;
    DQ turns; its row closes, since no younger request hits that bank; it opens under the limits on ACTs; and its
    column command goes before all others. Refreshes come on top: each takes nRFCab, and its wait before it begins.
    """
    turn = max(timing.total("nRTW"), timing.total("nCWL", "nBL", "nWTRL"))
    opening = max(timing.total("nRC"), timing.total("nRP")) + timing.total("nFAW", "nRRDL")
    column = max(timing.total("nRCDRD"), timing.total("nRCDWR")) + timing.total("nCCDL", "nCCDS")
    one = openers_served(timing) + turn + closing(timing) + opening + column + PIPELINE
    served = max_age + (read_entries + write_entries) * one
    refresh = timing.total("nRFCab") + int(CONTROLLER.refresh_slack)
    return served + (served // (timing.total("nREFI") - refresh) + 1) * refresh

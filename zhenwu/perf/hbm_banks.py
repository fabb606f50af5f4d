"""When the device lets a command start: one HBM3 pseudo-channel, its banks, its bank groups and DQ.

Times are CK in which commands stand on the pins; each limit is kept as the CK from which it allows the next command.
Chapter: a slice that runs a matmul.
"""

from collections import deque

from zhenwu.spec.hbm3 import HBM3_GEOMETRY, HbmTiming
from zhenwu.spec.hbm_controller import ADDRESS_MAPS, CONTROLLER

FIELDS = ADDRESS_MAPS[str(CONTROLLER.address_map.value)]  # of a line address, from the lowest bit up
BANK_GROUPS, COLUMNS = int(HBM3_GEOMETRY.bank_groups), int(HBM3_GEOMETRY.columns)
BANKS = int(HBM3_GEOMETRY.banks)  # of a group
ACTS = 4  # in any nFAW
LONG_AGO = -(1 << 40)
NAMES = (
    "nBL", "nRCDRD", "nRCDWR", "nRP", "nRAS", "nRC", "nCCDS", "nCCDL", "nRRDS", "nRRDL", "nFAW", "nWTRS", "nWTRL",
    "nRTW", "nRTP", "nWR", "nCL", "nCWL", "nPPD", "nRFCab", "nREFI",
)
SIZES = {"bank_group": BANK_GROUPS, "column": COLUMNS, "bank": BANKS, "row": 1 << 60}


def place(line_address: int) -> tuple[int, int]:
    """Where a line lies: its bank, counted over all groups with the group in the lowest bits, and its row."""
    found = {}
    for field in FIELDS:
        line_address, found[field] = divmod(line_address, SIZES[field])
    return found["bank"] * BANK_GROUPS + found["bank_group"], found["row"]


class Bank:
    """One bank: its open row, and since when or from when on."""

    def __init__(self, index: int):
        self.group = index % BANK_GROUPS
        self.row: int | None = None
        self.opener: bool | None = None  # the direction whose first access the row still waits for
        self.acts = self.closes = 0  # it may open, and close, from then on
        self.columns = [0, 0]  # RD, WR


class Banks:
    """All banks, and what they share."""

    def __init__(self, timing: HbmTiming):
        self.timing = {name: timing.total(name) for name in NAMES}
        self.every = [Bank(index) for index in range(BANKS * BANK_GROUPS)]
        self.opened = deque([LONG_AGO] * ACTS, ACTS)  # the last ACTs
        self.acts_of = [0] * BANK_GROUPS
        self.closed = LONG_AGO  # the last precharge
        self.columns = [0, 0]  # RD, WR
        self.columns_of = [[0, 0] for _ in range(BANK_GROUPS)]

    def act_from(self, bank: Bank) -> int:
        """When a row of it may open."""
        timing, opened = self.timing, self.opened
        return max(bank.acts, self.acts_of[bank.group], opened[-1] + timing["nRRDS"], opened[0] + timing["nFAW"])

    def column_from(self, bank: Bank, write: bool) -> int:
        """When RD or WR may start."""
        return max(bank.columns[write], self.columns[write], self.columns_of[bank.group][write])

    def close_from(self, bank: Bank) -> int:
        """When its row may close."""
        return max(bank.closes, self.closed + self.timing["nPPD"])

    def close_all_from(self) -> int:
        """When all rows may."""
        return max(map(self.close_from, self.every))

    def refresh_from(self) -> int:
        """When all banks may be refreshed, once they are closed."""
        return max(self.closed + self.timing["nRP"], self.opened[-1] + self.timing["nRC"])

    def activate(self, bank: Bank, row: int, write: bool, now: int) -> None:
        """A row opens for a read or a write."""
        timing = self.timing
        bank.row, bank.opener = row, write
        bank.columns = [now + timing["nRCDRD"], now + timing["nRCDWR"]]
        bank.closes, bank.acts = now + timing["nRAS"], now + timing["nRC"]
        self.acts_of[bank.group] = now + timing["nRRDL"]
        self.opened.append(now)

    def burst(self, bank: Bank, write: bool, now: int) -> None:
        """RD or WR."""
        timing, group = self.timing, self.columns_of[bank.group]
        bank.opener = None
        self.columns[write] = now + max(timing["nBL"], timing["nCCDS"])
        group[write] = now + timing["nCCDL"]
        if write:
            end = now + timing["nCWL"] + timing["nBL"]
            self.columns[False] = end + timing["nWTRS"]
            group[False] = end + timing["nWTRL"]
            bank.closes = max(bank.closes, end + timing["nWR"])
        else:
            self.columns[True] = now + timing["nRTW"]
            bank.closes = max(bank.closes, now + timing["nRTP"])

    def close(self, bank: Bank, now: int) -> None:
        """A row closes."""
        bank.row, self.closed = None, now
        bank.acts = max(bank.acts, now + self.timing["nRP"])

    def refresh(self, now: int) -> None:
        """REFab: no row opens before it ends."""
        for bank in self.every:
            bank.acts = max(bank.acts, now + self.timing["nRFCab"])

"""What lines cost on one HBM3 pseudo-channel, ACT by ACT and burst by burst, without a look at any CK between them.

Kept are the limits of rows, bank groups, turns of DQ and refresh, and the controller's policy: a bank serves its
requests in their order, the earliest command goes first, of two the one that a row was opened for, and directions turn
by watermarks. Left out are overdue requests, hazards and forwarding, and that an ACT or PRE may wait for another one's
place on the pins. Chapter: a slice that runs a matmul.
"""

from collections import deque
from collections.abc import Iterable

from zhenwu.spec.hbm3 import HBM3_GEOMETRY, HbmTiming
from zhenwu.spec.hbm_controller import ADDRESS_MAPS, CONTROLLER

FIELDS = ADDRESS_MAPS[str(CONTROLLER.address_map.value)]  # of a line address, from the lowest bit up
BANK_GROUPS, COLUMNS = int(HBM3_GEOMETRY.bank_groups), int(HBM3_GEOMETRY.columns)
BANKS = int(HBM3_GEOMETRY.banks)
SEEN = 2  # CK until gates and bank machines act on a command: its pins, and their own register
# CK lost before a refresh, while openers alone are served: as the cycle model of the controller has it in a matmul
REFRESH_WAIT = 15
FAR = 1 << 60
Line = tuple[bool, int]  # (write, line address)
Place = tuple[int, int, int]  # bank, counted over all groups; its group; row


def place(line_address: int) -> Place:
    """Where a line lies in the device."""
    sizes = {"bank_group": BANK_GROUPS, "column": COLUMNS, "bank": BANKS, "row": FAR}
    found = {}
    for field in FIELDS:
        line_address, found[field] = divmod(line_address, sizes[field])
    return found["bank"] * BANK_GROUPS + found["bank_group"], found["bank_group"], found["row"]


class Bank:
    """One bank; `opener` is the direction whose first access its row still waits for, or None."""

    def __init__(self):
        self.row: int | None = None
        self.opened = self.served = self.closes = -FAR  # its last ACT and column command; it may close from then
        self.ready = 0  # for a column command
        self.opener: bool | None = None


class Channel:
    """A pseudo-channel with its controller, as long as there are lines."""

    def __init__(self, timing: HbmTiming):
        self.timing = {name: timing.total(name) for name in (
            "nBL", "nRCDRD", "nRCDWR", "nRP", "nRAS", "nRC", "nCCDS", "nCCDL", "nRRDS", "nRRDL", "nFAW", "nWTRS",
            "nWTRL", "nRTW", "nRTP", "nWR", "nCL", "nCWL", "nRFCab", "nREFI",
        )}
        entries = int(CONTROLLER.write_entries)
        self.low, self.high = (CONTROLLER.watermarks(entries)[index] for index in (1, 0))
        self.entries = {False: int(CONTROLLER.read_entries), True: entries}
        self.queues: dict[bool, list[tuple[int, int, Place]]] = {False: [], True: []}  # (number, came, place)
        self.banks = [Bank() for _ in range(BANKS * BANK_GROUPS)]
        self.now = 0
        self.writing = False
        self.column = -FAR  # the last column command ...
        self.column_of: list[int] = [-FAR] * BANK_GROUPS  # ... of each bank group
        self.was_write = False
        self.wrote = -FAR  # the last write ...
        self.wrote_of: list[int] = [-FAR] * BANK_GROUPS
        self.opened = deque([-FAR] * 4, 4)
        self.opened_of: list[int] = [-FAR] * BANK_GROUPS
        self.refresh_at = self.timing["nREFI"]
        self.reads = 0
        self.came = 0  # the last read
        self.done: dict[int, int] = {}  # reads whose line waits for an older one
        self.returned: list[int] = []  # when each read's line was handed on

    def serve(self, lines: Iterable[Line]) -> int:
        """CK until all lines have moved."""
        source = deque(lines)
        while source or any(self.queues.values()):
            self.admit(source)
            self.refresh()
            self.turn()
            self.command()
        return self.now

    def admit(self, source: deque[Line]) -> None:
        """Requests come in, in order; a read also needs a line of the return buffer."""
        room = int(CONTROLLER.return_entries)
        while source:
            write, address = source[0]
            if len(self.queues[write]) >= self.entries[write]:
                return
            if write:
                self.queues[True].append((0, self.now, place(address)))
            else:
                if self.reads - len(self.returned) >= room:
                    return
                freed = self.returned[self.reads - room] + 1 if self.reads >= room else 0
                self.came = max(self.came + 1, self.now, freed)
                self.queues[False].append((self.reads, self.came, place(address)))
                self.reads += 1
            source.popleft()

    def refresh(self) -> None:
        """All rows close for it."""
        if self.now < self.refresh_at or any(bank.opener is not None for bank in self.banks):
            return
        timing = self.timing
        closes = max(self.now, *(bank.closes for bank in self.banks)) + REFRESH_WAIT
        self.now = closes + timing["nRP"] + timing["nRFCab"]
        self.refresh_at += timing["nREFI"]
        for bank in self.banks:
            bank.row, bank.closes = None, self.now - timing["nRP"]

    def turn(self) -> None:
        """Reads or writes, by watermarks."""
        reads, writes = self.queues[False], self.queues[True]
        if self.writing:
            self.writing = bool(writes) and not (len(writes) <= self.low and reads)
        else:
            self.writing = len(writes) >= self.high or (not reads and bool(writes))

    def command(self) -> None:
        """The next ACT or column command; rows that the other direction opened and has not used come first."""
        left = any(bank.opener is (not self.writing) for bank in self.banks)
        write = self.writing != left
        queue = self.queues[write]
        column, activate = (FAR, False, 0), (FAR, 0)  # when, whether only a hit, place in the queue
        seen: set[int] = set()
        for index, (_, came, (number, group, row)) in enumerate(queue):
            bank = self.banks[number]
            if number in seen or (left and bank.opener is not write):
                continue
            seen.add(number)
            if bank.row == row:
                column = min(column, (self.column_at(bank, group, came, write), bank.opener is None, index))
            elif not left and bank.opener is None:
                activate = min(activate, (self.activate_at(bank, group, came), index))
        if activate[0] <= column[0]:
            self.activate(*activate, write)
        else:
            self.move(column[0], column[-1], write)

    def column_at(self, bank: Bank, group: int, came: int, write: bool) -> int:
        """When a column command can go."""
        timing = self.timing
        after = self.column + timing["nCCDS"]
        if write and not self.was_write:
            after = self.column + timing["nRTW"]
        elif not write:
            burst = timing["nCWL"] + timing["nBL"]
            after = max(after, self.wrote + burst + timing["nWTRS"], self.wrote_of[group] + burst + timing["nWTRL"])
        return max(bank.ready, after, self.column_of[group] + timing["nCCDL"], came + int(CONTROLLER.latency))

    def activate_at(self, bank: Bank, group: int, came: int) -> int:
        """When a row can open, once the one before it is closed."""
        timing, seen = self.timing, came + int(CONTROLLER.latency)
        closed = bank.closes + timing["nRP"] + SEEN
        if bank.row is not None:
            closed = max(closed, max(seen, bank.served + SEEN) + timing["nRP"])
        return max(
            closed, seen, self.now, bank.opened + timing["nRC"], self.opened[0] + timing["nFAW"],
            self.opened[-1] + timing["nRRDS"], self.opened_of[group] + timing["nRRDL"],
        )

    def activate(self, at: int, index: int, write: bool) -> None:
        """A row opens."""
        number, group, row = self.queues[write][index][2]
        bank, timing = self.banks[number], self.timing
        bank.row, bank.opened, bank.opener = row, at, write
        bank.ready, bank.closes = at + timing["nRCDWR" if write else "nRCDRD"], at + timing["nRAS"]
        self.opened.append(at)
        self.opened_of[group] = self.now = at

    def move(self, at: int, index: int, write: bool) -> None:
        """A burst; lines that were read are handed on in their order, one a CK."""
        request, _, (number, group, _) = self.queues[write].pop(index)
        bank, timing = self.banks[number], self.timing
        self.now = max(self.now, at)
        self.column = self.column_of[group] = bank.served = at
        self.was_write, bank.opener = write, None
        recovery = timing["nCWL"] + timing["nBL"] + timing["nWR"] if write else timing["nRTP"]
        bank.closes = max(bank.closes, at + recovery)
        if write:
            self.wrote = self.wrote_of[group] = at
            return
        self.done[request] = at + timing["nCL"] + timing["nBL"] + 1
        while len(self.returned) in self.done:
            came = self.done.pop(len(self.returned))
            self.returned.append(max(came, self.returned[-1] + 1 if self.returned else 0))

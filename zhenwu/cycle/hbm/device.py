"""The device behind the pins: which rows are open, what RD reads and WR writes, and in which CK on DQ."""

from collections import deque
from hashlib import blake2b
from typing import Protocol

from zhenwu.cycle.hbm.dq_path import HALF, HALF_BITS
from zhenwu.golden.hbm.address_map import line_address
from zhenwu.spec.hbm3 import HBM3_6400, HBM3_GEOMETRY, DramAddress, DramCommand, HbmTiming

LINE_BYTES = int(HBM3_GEOMETRY.line_bytes)


class Content(dict):
    """Lines that were written; any other reads as a hash of its address, never 0."""

    def read(self, line_address: int) -> int:
        """The bits of a line."""
        value = self.get(line_address)
        if value is None:
            digest = blake2b(line_address.to_bytes(8, "little"), digest_size=LINE_BYTES).digest()
            value = int.from_bytes(digest, "little") or 1
        return value

    def write(self, line_address: int, value: int) -> None:
        """Store a line."""
        self[line_address] = value


class Store(Protocol):
    """What keeps the lines."""

    def read(self, line_address: int) -> int:
        """The bits of a line."""

    def write(self, line_address: int, value: int) -> None:
        """Store a line."""


class Device:
    """One pseudo-channel: 256 MiB, sparse. RD at CK n drives DQ in n + CL and n + CL + 1, WR samples at n + CWL and
    n + CWL + 1. It trusts the controller in all that `TimingChecker` checks; what DQ itself shows wrong is noted in
    `faults`.
    """

    def __init__(self, store: Store, timing: HbmTiming = HBM3_6400, address_map: str = "RoBaCoBg"):
        self.store = store
        self.read_latency, self.write_latency = timing.total("nCL"), timing.total("nCWL")
        self.address_map = address_map
        self.faults: list[str] = []
        self.reset()

    def reset(self) -> None:
        """Banks close, bursts in flight are dropped; the content stays."""
        self.open_rows: dict[tuple[int, int], int] = {}
        self.driven: deque[tuple[int, int]] = deque()  # (CK, half) that DQ will carry
        self.expected: deque[tuple[int, int]] = deque()  # (CK of the first half, line address) of writes
        self.half = 0  # the first half of the write burst under way
        self.read = 0  # on DQ in the next CK

    def step(self, now: int, commands: list[DramCommand], drive: bool, write: int) -> None:
        """The CK `now`: its commands, and what the controller drives on DQ."""
        for command in commands:
            self.follow(now, command)
        due = bool(self.expected) and now >= self.expected[0][0]
        if drive != due:
            self.faults.append(f"DQ in CK {now}: the controller {'drives' if drive else 'does not drive'} it, expected "
                               f"{'the data of a WR' if due else 'no write data'}")
        if due:
            start, line = self.expected[0]
            if now == start:
                self.half = write
            else:
                self.store.write(line, write << HALF_BITS | self.half)
                self.expected.popleft()
        self.read = self.driven.popleft()[1] if self.driven and self.driven[0][0] == now + 1 else 0

    def follow(self, now: int, command: DramCommand) -> None:
        """A command of this CK."""
        place = command.address
        bank = (place.bank_group, place.bank)
        match command.op:
            case "ACT":
                self.open_rows[bank] = place.row
            case "PREpb":
                self.open_rows.pop(bank, None)
            case "PREab":
                self.open_rows.clear()
            case "RD":
                line = self.store.read(self.line(place))
                self.driven += [
                    (now + self.read_latency, line & HALF), (now + self.read_latency + 1, line >> HALF_BITS)
                ]
            case "WR":
                self.expected.append((now + self.write_latency, self.line(place)))

    def line(self, place: DramAddress) -> int:
        """The line that a column command reaches: in the row that is open, or 0 if none is."""
        row = self.open_rows.get((place.bank_group, place.bank), 0)
        return line_address(
            DramAddress(bank_group=place.bank_group, bank=place.bank, row=row, column=place.column), self.address_map
        )

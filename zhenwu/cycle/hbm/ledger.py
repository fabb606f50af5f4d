"""Every request served once, by a column command to its place, and none that nobody asked for."""

from collections import Counter, defaultdict, deque

from zhenwu.golden.hbm.address_map import address_map
from zhenwu.spec.hbm3 import DramAddress, DramCommand

Key = tuple[str, int, int, int]


class Ledger:
    """What was asked for and what was served.

    The port's side: each command it takes is put down with `take`. The controller's side: `accept` says that a request
    can be served from now on, `forward` that a read gets the data of a write that is still under way. The device's
    side: `serve` holds a column command against both. `end` asks for what is missing; `faults` are sentences.
    `longest` is the longest time in CK from `accept` to the request's command.
    """

    def __init__(self, address_map: str):
        self.address_map = address_map
        self.faults: list[str] = []
        self.longest = 0
        self.reset()

    def reset(self) -> None:
        """All that is under way is dropped."""
        self.waiting: dict[Key, deque[tuple[int, int]]] = defaultdict(deque)  # (CK, row), the oldest first
        self.asked = {"RD": 0, "WR": 0}  # column commands that the port's commands ask for
        self.served = {"RD": 0, "WR": 0}
        self.unwritten: Counter[DramAddress] = Counter()  # writes taken and not on the pins yet
        self.last_write = -2, DramAddress()  # (CK, place) of the last WR

    def take(self, write: bool, line_address: int) -> None:
        """The port takes a command."""
        self.asked["WR" if write else "RD"] += 1
        if write:
            self.unwritten[address_map(line_address, self.address_map)] += 1

    def forward(self, now: int, line_address: int) -> None:
        """A read gets the data of a write, so it will never reach the device. The write may have left its queue while
        the read entered: its WR is on the pins in this CK, or was in the last one.
        """
        self.asked["RD"] -= 1
        place = address_map(line_address, self.address_map)
        ck, written = self.last_write
        if not self.unwritten[place] and not (written == place and now - ck <= 1):
            self.faults.append(f"CK {now}: a read of line {line_address} is forwarded, but no write of it is under way")

    def accept(self, now: int, write: bool, line_address: int) -> None:
        """A request can be served from CK `now` on."""
        place = address_map(line_address, self.address_map)
        self.waiting[self.key("WR" if write else "RD", place)].append((now, place.row))

    def key(self, op: str, place: DramAddress) -> Key:
        """Where a column command of kind `op` reaches, but for the row, which is not on its pins."""
        return op, place.bank_group, place.bank, place.column

    def serve(self, command: DramCommand, open_row: int | None) -> DramCommand:
        """A column command, as it stands on the pins: with the row that its request named put in."""
        queue = self.waiting[self.key(command.op, command.address)]
        found = next((entry for entry in queue if entry[1] == open_row), None)
        if found is None and queue:
            found = queue[0]  # the checker will say that another row is open
        if found is None:
            self.faults.append(f"CK {command.cycle}: {command.op} to {command.address}, which no request asks for")
            return command
        queue.remove(found)
        self.longest = max(self.longest, command.cycle - found[0])
        place = command.address
        place = DramAddress(
            place.pseudo_channel, place.stack_id, place.bank_group, place.bank, found[1], place.column
        )
        self.served[command.op] += 1
        if command.op == "WR":
            self.unwritten[place] -= 1
            self.last_write = command.cycle, place
        return DramCommand(command.cycle, command.op, place)

    def end(self) -> None:
        """Nothing is under way any more: all that the port took has been served."""
        for op, asked in self.asked.items():
            if self.served[op] != asked:
                self.faults.append(f"{self.served[op]} {op} served requests, expected {asked}: each is served once")

"""Every request served once, by a column command to its place, and none that nobody asked for."""

from collections import defaultdict, deque

from zhenwu.golden.hbm.address_map import address_map
from zhenwu.spec.hbm3 import DramAddress, DramCommand


class Ledger:
    """What was asked for and is not served yet. `accept` a request, `serve` a column command, and `faults` tells.

    Reads that the controller forwards never reach the device: `forward` takes them off the list. `waits` hold how
    long each served request waited, from its acceptance (writes: from their data) to its command, in CK.
    """

    def __init__(self, address_map: str):
        self.address_map = address_map
        self.faults: list[str] = []
        self.longest = 0
        self.served = {"RD": 0, "WR": 0}
        self.reset()

    def reset(self) -> None:
        """All that is under way is dropped."""
        self.waiting: dict[tuple[str, int, int, int], deque[tuple[int, int]]] = defaultdict(deque)
        self.outstanding = 0

    def key(self, op: str, place: DramAddress) -> tuple[str, int, int, int]:
        """Where a column command of kind `op` reaches, but for the row, which is not on its pins."""
        return op, place.bank_group, place.bank, place.column

    def accept(self, now: int, write: bool, line_address: int) -> None:
        """A request can be served from CK `now` on."""
        place = address_map(line_address, self.address_map)
        self.waiting[self.key("WR" if write else "RD", place)].append((now, place.row))
        self.outstanding += 1

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
        self.outstanding -= 1
        self.served[command.op] += 1
        self.longest = max(self.longest, command.cycle - found[0])
        place = command.address
        return DramCommand(command.cycle, command.op, DramAddress(
            place.pseudo_channel, place.stack_id, place.bank_group, place.bank, found[1], place.column
        ))

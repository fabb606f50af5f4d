"""One HBM3 pseudo-channel under its controller, command by command: a CK in which nothing can start is not looked at.

What `zhenwu/cycle/hbm` decides in every CK is decided here only where something can have changed: a request came or
went, a limit of the device ends, age decides, a refresh falls due. In between the controller would decide the same
again, so the commands are its own, each in its CK. A younger request for the open row of a bank waits behind an older
one for another row; so of each bank and direction the oldest request alone is looked at.

    accept ──> waiting ──> entering ──> queues ──> step: ACT, PRE, RD, WR, REFab ──> lines

Left out are a read of a line whose write still waits, and a write to a line that a read still waits for: a product has
neither. Chapter: a slice that runs a matmul.
"""

from collections import deque

from zhenwu.perf.hbm_banks import Bank, Banks, place
from zhenwu.spec.hbm3 import HbmTiming
from zhenwu.spec.hbm_controller import CONTROLLER

FIFO_DEPTH = 2  # commands that wait for room
SEEN = {False: 3, True: 4}  # CK from a command's admission until it can be served; a write's data come a CK behind it
REGISTERED = 2  # CK from a command on the pins to the choice that knows of it
FAR = 1 << 60


class Request:
    """A line to be read or written, from its admission on; `number` is its place among those of its direction."""

    __slots__ = ("age", "bank", "gone", "number", "opener", "row", "seen", "write")

    def __init__(self, write: bool, number: int, bank: Bank, row: int, admitted: int):
        self.write, self.number, self.bank, self.row = write, number, bank, row
        self.seen = admitted + SEEN[write]  # it can be on the pins from then on
        self.age = self.seen - REGISTERED  # the CK from which its age counts
        self.gone = FAR  # when it was on the pins
        self.opener = False  # its row had been opened for it


class Channel:
    """`accept` takes a command of the port, `step` does what comes next, at `at`. `lines` has, in the order of the
    reads, when each one's line is on offer, if nothing before it is.
    """

    def __init__(self, timing: HbmTiming):
        self.banks = Banks(timing)
        self.to_line = timing.total("nCL", "nBL") + 1
        self.interval = timing.total("nREFI")
        self.high, self.low = CONTROLLER.watermarks(int(CONTROLLER.write_entries))
        self.entries = {False: int(CONTROLLER.read_entries), True: int(CONTROLLER.write_entries)}
        self.late = int(CONTROLLER.max_age) + REGISTERED

        self.waiting: deque[tuple[bool, int, int]] = deque()  # (write, line, accepted), not admitted
        self.admitted = deque([0] * FIFO_DEPTH, FIFO_DEPTH)  # when the last ones were
        self.count = {False: 0, True: 0}  # of requests admitted
        self.served = {False: 0, True: 0}
        self.entering: deque[Request] = deque()  # admitted, and not yet seen
        self.queues = {write: {bank: deque() for bank in self.banks.every} for write in (False, True)}
        self.wanted: dict[bool, list[Bank]] = {False: [], True: []}  # banks with requests
        self.ages: dict[bool, deque[Request]] = {False: deque(), True: deque()}  # all requests, the oldest first
        self.ready = {False: 0, True: 0}  # requests, as the direction counts them
        self.last: Request | None = None  # on the pins, and still counted

        self.at = 0  # when something can happen next
        self.writing = False
        self.openers = {False: 0, True: 0}  # that wait
        self.opened_for = False  # a write, the last row
        self.due_from = self.interval + 1  # a refresh
        self.filled: dict[int, int] = {}  # reads whose line waits for an older one
        self.returned = 0
        self.lines: deque[int] = deque()

    @property
    def room(self) -> bool:
        """Whether a command is taken, be it later than it is offered."""
        return len(self.waiting) < FIFO_DEPTH

    def accept(self, write: bool, line_address: int, offered: int) -> int:
        """Take a command of the port; returns when it was taken."""
        accepted = max(offered, self.admitted[len(self.waiting) - FIFO_DEPTH] + 1)
        self.waiting.append((write, line_address, accepted))
        self.admit(0)
        self.at = min(self.at, self.next_seen())
        return accepted

    def admit(self, freed: int) -> None:
        """Let the commands that wait into their queues while there is room; there was none before `freed`."""
        while self.waiting:
            write, line_address, accepted = self.waiting[0]
            number = self.count[write]
            if number - self.served[write] >= self.entries[write]:
                return
            self.waiting.popleft()
            self.count[write] += 1
            self.admitted.append(max(accepted + 1, self.admitted[-1] + 1, freed))
            bank, row = place(line_address)
            self.entering.append(Request(write, number, self.banks.every[bank], row, self.admitted[-1]))

    def next_seen(self) -> int:
        """When a request is seen that can change something: others of the present direction stand behind one of their
        bank.
        """
        for request in self.entering:
            if request.write is not self.writing or not self.queues[request.write][request.bank]:
                return request.seen
        return FAR

    def step(self) -> None:
        """What starts at `at`; and when something can start next."""
        now, last = self.at, self.last
        while self.entering and self.entering[0].seen <= now:
            self.enqueue(self.entering.popleft())
        if last is not None and last.gone <= now - REGISTERED:
            self.ready[last.write] -= 1
            self.last = None
        overdue, turn = self.direction(now)
        due = now >= self.due_from
        hold = due or (overdue and self.left_behind(now))
        following = min(turn, self.move(now, hold, overdue))
        if due:
            following = min(following, self.refresh(now))
        else:
            following = min(following, self.due_from)
        if not hold:
            following = min(following, self.rows(now))
        if self.last is not None:
            following = min(following, self.last.gone + REGISTERED)
        self.at = min(following, self.next_seen())

    def enqueue(self, request: Request) -> None:
        """A request can be served."""
        write, bank = request.write, request.bank
        queue = self.queues[write][bank]
        if not queue:
            self.wanted[write].append(bank)
        queue.append(request)
        self.ages[write].append(request)
        self.ready[write] += 1

    def direction(self, now: int) -> tuple[bool, int]:
        """Reads or writes: whether age decides it, and when it will."""
        ready, turn, late = self.ready, FAR, {}
        for write, ages in self.ages.items():
            while ages and ages[0].gone <= now - REGISTERED:
                ages.popleft()
            if ages and ages[0].age + self.late <= now:
                late[write] = ages[0].age
            elif ages:
                turn = min(turn, ages[0].age + self.late)
        if late:
            self.writing = min(late, key=late.get)
        elif self.writing:
            self.writing = not (ready[True] <= self.low and ready[False])
        else:
            self.writing = ready[True] >= self.high or (not ready[False] and ready[True] > 0)
        return bool(late), turn

    def left_behind(self, now: int) -> bool:
        """Whether openers of the other direction wait, as they stood a CK ago."""
        other, last = not self.writing, self.last
        count = self.openers[other]
        count -= self.banks.opened[-1] == now - 1 and self.opened_for is other
        count += last is not None and last.gone == now - 1 and last.opener and last.write is other
        return count > 0

    def move(self, now: int, hold: bool, overdue: bool) -> int:
        """A column command: openers that the other direction left behind, then one's own, then hits. When one can come,
        if none does.
        """
        following, banks, writing = FAR, self.banks, self.writing
        for write in (not writing, writing) if self.openers[not writing] else (writing,):
            opener = hit = None
            queues = self.queues[write]
            for bank in self.wanted[write]:
                head = queues[bank][0]
                opens = bank.opener is write
                if bank.row != head.row or not (opens or (bank.opener is None and write is writing and not hold)):
                    continue
                at = banks.column_from(bank, write)
                if at > now:
                    following = min(following, at)
                elif opens:
                    opener = older(opener, head)
                else:
                    hit = older(hit, head)
            first = overdue and hit is not None and hit is self.ages[write][0]
            chosen = hit if opener is None or first else opener
            if chosen is not None:
                self.serve(chosen, now)
                return FAR
        return following

    def serve(self, request: Request, now: int) -> None:
        """A burst; the line that is read waits for older ones."""
        write, bank = request.write, request.bank
        request.gone, request.opener = now, bank.opener is not None
        self.openers[write] -= request.opener
        self.banks.burst(bank, write, now)
        queue = self.queues[write][bank]
        queue.popleft()
        if not queue:
            self.wanted[write].remove(bank)
        self.last = request
        self.served[write] += 1
        self.admit(now)
        if not write:
            self.filled[request.number] = now + self.to_line
            while self.returned in self.filled:
                self.lines.append(self.filled.pop(self.returned))
                self.returned += 1

    def rows(self, now: int) -> int:
        """A row opens, or if none does one closes; when one can."""
        banks, queues, following = self.banks, self.queues[self.writing], FAR
        activate = close = None
        for bank in self.wanted[self.writing]:
            head = queues[bank][0]
            if bank.row is None:
                at = banks.act_from(bank)
                if at <= now:
                    activate = older(activate, head)
            elif bank.row != head.row and bank.opener is None:
                at = banks.close_from(bank)
                if at <= now:
                    close = older(close, head)
            else:
                continue
            following = min(following, max(at, now + 1))
        if activate is not None:
            banks.activate(activate.bank, activate.row, activate.write, now)
            self.openers[activate.write] += 1
            self.opened_for = activate.write
        elif close is not None:
            banks.close(close.bank, now)
        return following

    def refresh(self, now: int) -> int:
        """Once openers are served all rows close, and are refreshed; when that goes on."""
        banks = self.banks
        if any(self.openers.values()) or self.last is not None:
            return FAR  # a burst comes first
        rows = any(bank.row is not None for bank in banks.every)
        at = banks.close_all_from() if rows else banks.refresh_from()
        if at > now:
            return at
        if rows:
            for bank in banks.every:
                banks.close(bank, now)
        else:
            banks.refresh(now)
            self.due_from += self.interval
        return now + 1


def older(first: Request | None, second: Request) -> Request:
    """The one that came first."""
    return second if first is None or second.number < first.number else first

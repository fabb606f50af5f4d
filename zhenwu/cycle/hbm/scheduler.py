"""Which commands start in the next CK: first ready, first come, with rows and refresh in view. Chapter: the controller.

One walk over the queue of the present direction, the oldest request first, finds all there is to do:

    bank closed, oldest request of its bank       -> ACT for it, which makes it the row's opener
    another row open, oldest request of its bank  -> PRE; younger requests for the open row wait from now on
    its row open                                  -> RD or WR; openers come before other row hits

Openers that the other direction left behind come before all others, as their rows are protected. Then comes the
oldest request of all if it is overdue. Nothing but openers is served, and no row opens or closes, while a refresh is
due, or while somebody overdue must wait for a leftover.

The gates and bank machines learn of a command one CK after it is on the pins. So the walk also looks at the pins,
`present`: a kind of command pauses for one CK after each of its own, a bank that is closing is left alone, and so
is the row of one that is being read or written.
"""

from collections.abc import Callable, Sequence

from zhenwu.cycle.hbm.bank_machine import BankMachine
from zhenwu.cycle.hbm.commands import IDLE, Commands, Request
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB, RD, REFAB, WR

May = Callable[[int, int], bool]  # (command, bank): whether its gates stand open


class Scheduler:
    """Has no state of its own. `precharge_pause`: two PREs need 2 CK or more, as two bursts and two ACTs always do."""

    def __init__(self, precharge_pause: bool = True):
        self.precharge_pause = precharge_pause

    def decide(
        self,
        present: Commands,
        reads: RequestQueue,
        writes: RequestQueue,
        writing: bool,
        overdue: bool,
        due: bool,
        banks: Sequence[BankMachine],
        may: May,
    ) -> Commands:
        """The commands of the next CK."""
        if not (reads.ready or writes.ready or due):
            return IDLE
        waiting = [bank for bank in banks if bank.opener_waits]
        leftover = any(bank.opener_is_write != writing for bank in waiting)
        hold = due or (overdue and leftover)
        closing = present.fall_bank if present.fall == PREPB else None
        served = present.column_bank if present.column != NOP else None

        opener = hit = activate = precharge = None
        seen: set[int] = set()
        conflicts: set[int] = set()
        mine, column = (writes, WR) if writing else (reads, RD)
        for position, request in enumerate(mine.requests[: mine.ready]):
            number, bank = request.bank, banks[request.bank]
            first = number not in seen
            seen.add(number)
            if not bank.is_open:
                if first and activate is None and may(ACT, number):
                    activate = request
            elif bank.row != request.row:
                if first:
                    conflicts.add(number)
                    free = not bank.opener_waits and number not in (served, closing)
                    if precharge is None and free and may(PREPB, number):
                        precharge = number
            elif number == closing:
                continue
            elif bank.opener_waits:
                if first and opener is None and bank.opener_is_write == writing and may(column, number):
                    opener = position
            elif hit is None and number not in conflicts and may(column, number):
                hit = position

        chosen: dict[str, int | bool] = {}
        if present.column == NOP:
            if leftover and (found := self.leftover(reads if writing else writes, not writing, banks, may)) is not None:
                chosen = _served(found, (reads if writing else writes).requests[found], RD if writing else WR)
            elif opener is not None and not (overdue and hit == 0 and not hold):
                chosen = _served(opener, mine.requests[opener], column)
            elif hit is not None and not hold:
                chosen = _served(hit, mine.requests[hit], column)
        fall_free = present.fall == NOP or (present.fall == PREPB and not self.precharge_pause)
        if not hold and activate is not None and present.rise == NOP:
            chosen |= {"rise": ACT, "rise_bank": activate.bank, "row": activate.row, "opener_is_write": writing}
        elif not hold and precharge is not None and fall_free:
            chosen |= {"fall": PREPB, "fall_bank": precharge}
        if due and not waiting and present.rise == present.column == NOP and fall_free:
            if any(bank.is_open for bank in banks):
                if may(PREAB, 0):
                    chosen |= {"fall": PREAB}
            elif present.fall == NOP and may(REFAB, 0):
                chosen |= {"rise": REFAB}
        return Commands(**chosen) if chosen else IDLE

    @staticmethod
    def leftover(queue: RequestQueue, is_write: bool, banks: Sequence[BankMachine], may: May) -> int | None:
        """The position of the oldest ready opener in the other direction's queue."""
        seen: set[int] = set()
        for position, request in enumerate(queue.requests[: queue.ready]):
            number, bank = request.bank, banks[request.bank]
            if number not in seen and bank.opener_waits and bank.opener_is_write == is_write:
                if may(WR if is_write else RD, number):
                    return position
            seen.add(number)
        return None


def _served(position: int, request: Request, column: int) -> dict[str, int | bool]:
    """The column command that serves a request."""
    return {
        "column": column, "column_bank": request.bank, "column_number": request.column, "position": position,
        "slot": request.slot,
    }

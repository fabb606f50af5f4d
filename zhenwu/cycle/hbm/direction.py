"""Reads or writes: which queue is served. Chapter: the controller and its limits."""

from zhenwu.cycle.hbm.request_queue import RequestQueue


class Direction:
    """Turns DQ round by watermarks: to writes when many wait (`high`) or nothing else does, back when few are left.

    Above the watermarks stands age: while a request has waited longer than `max_age`, the oldest such decides.
    """

    def __init__(self, high: int, low: int, max_age: int):
        self.high, self.low, self.max_age = high, low, max_age
        self.was_writing = False

    def choose(self, now: int, reads: RequestQueue, writes: RequestQueue) -> tuple[bool, bool]:
        """(writing, overdue) for this CK: the direction, and whether age decided it."""
        read_overdue = reads.ready > 0 and now - reads.stamps[0] > self.max_age
        write_overdue = writes.ready > 0 and now - writes.stamps[0] > self.max_age
        if read_overdue and write_overdue:
            return writes.stamps[0] < reads.stamps[0], True
        if read_overdue or write_overdue:
            return write_overdue, True
        if self.was_writing:
            return not (writes.ready <= self.low and reads.ready > 0), False
        return writes.ready >= self.high or (reads.ready == 0 and writes.ready > 0), False

    def step(self, writing: bool) -> None:
        """One CK: remember the direction."""
        self.was_writing = writing

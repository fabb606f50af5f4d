"""The requests of one direction, the oldest first. Chapter: the controller and its limits."""

from zhenwu.cycle.hbm.commands import Request


class RequestQueue:
    """Requests in order of age; when one leaves, those behind it move up. The first `ready` of them can be served.

    `stamps` hold the CK in which a request became ready: reads as they enter, writes as their data arrive, which
    is in the order of the writes.
    """

    def __init__(self):
        self.requests: list[Request] = []
        self.stamps: list[int] = []

    @property
    def count(self) -> int:
        """Requests in the queue."""
        return len(self.requests)

    @property
    def ready(self) -> int:
        """Those that can be served."""
        return len(self.stamps)

    def step(self, now: int, enter: Request | None, arrive: bool, leave: int | None) -> None:
        """One CK: `enter` goes to the end, the oldest request without data gets them, position `leave` goes."""
        if leave is not None:
            del self.requests[leave], self.stamps[leave]
        if enter is not None:
            self.requests.append(enter)
        if arrive:
            self.stamps.append(now)

"""A model's queue as the pins of the RTL's ring: where in it each request lies."""

from zhenwu.cosim.hbm.situ import request_word
from zhenwu.cycle.hbm.request_queue import RequestQueue


class QueuePins:
    """Keeps the place of the oldest request: one further with each that leaves."""

    def __init__(self, entries: int):
        self.entries = entries
        self.head = 0

    def step(self, leave: int | None) -> None:
        """One CK."""
        self.head = (self.head + (leave is not None)) % self.entries

    def values(self, queue: RequestQueue, name: str) -> dict[str, int]:
        """The entries of list `name` that are in use."""
        return {
            f"{name}.{(self.head + index) % self.entries}": request_word(request)
            for index, request in enumerate(queue.requests)
        }

"""A queue between two streams, as `hdl/stream/fifo.py` has it."""

from collections import deque


class Fifo:
    """Up to `depth` items in order; one pushed at an edge can be seen in the cycle after it."""

    def __init__(self, depth: int):
        self.depth = depth
        self.items: deque = deque()

    @property
    def ready(self) -> bool:
        """Whether it takes an item: the level alone decides."""
        return len(self.items) < self.depth

    @property
    def valid(self) -> bool:
        """Whether it holds one."""
        return bool(self.items)

    @property
    def head(self):
        """The oldest item, or None."""
        return self.items[0] if self.items else None

    def step(self, push: object | None, pop: bool) -> None:
        """One rising edge: `push` is taken if there was room, the head leaves if there is one and `pop` says so."""
        taken = push is not None and self.ready
        if pop and self.items:
            self.items.popleft()
        if taken:
            self.items.append(push)

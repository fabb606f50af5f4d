"""The exercise on the tile's arbiter: run a changed one, what it must do, and what the change would buy.

`first` is the mover's side, `second` the store path's, `ready` the port: a 1 in each cycle in which they want to go, or
take. A side that wants to go must go on wanting until it is taken.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from unittest.mock import patch

from hdl.bench.run import forgotten_signals
from hdl.stream import arbiter
from zhenwu.chapter.simulate import record
from zhenwu.cycle.stream.arbiter import Arbiter


def arbitrated(module: ModuleType, first: Sequence[int], second: Sequence[int], ready: Sequence[int]) -> list[int]:
    """Which side the arbiter in `module` chooses in each cycle: 0 or 1."""
    with forgotten_signals():
        pins = arbiter.ports()

        def steps() -> Iterator[None]:
            for wants in zip(first, second, ready, strict=True):
                pins["first"].valid.next, pins["second"].valid.next, pins["dst"].ready.next = wants
                yield

        seen = record(module.arbiter(**pins), pins, steps, ["choice"], len(first) + 1)
    return [int(value) for value in seen["choice"][1][1:]]


def stores_first(first: Sequence[int], second: Sequence[int], ready: Sequence[int]) -> list[int]:
    """What it must choose if the second side goes first whenever both want to go and no command stands."""
    chosen, owner, standing = [], 0, False
    for one, two, taken in zip(first, second, ready, strict=True):
        choice = owner if standing else two
        chosen.append(choice)
        if one or two:
            owner, standing = choice, not taken
    return chosen


@contextmanager
def stores_first_in_the_model() -> Iterator[None]:
    """While it lasts, the arbiter's cycle model does the same."""

    def choice(self: Arbiter, first: bool, second: bool) -> bool:
        return self.owner if self.standing else second

    with patch.object(Arbiter, "choice", choice):
        yield

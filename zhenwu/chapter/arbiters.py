"""The exercise on the tile's arbiter: what the change would buy."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from zhenwu.cosim.live import StoresFirst
from zhenwu.cycle.stream.arbiter import Arbiter


@contextmanager
def stores_first_in_the_model() -> Iterator[None]:
    """While it lasts, the second side of every arbiter in the cycle models goes first where no command stands."""
    with patch.object(Arbiter, "choice", StoresFirst.choice):
        yield

"""Two command streams share a port, as `hdl/stream/arbiter.py` has it."""


class Arbiter:
    """In turn where both wait; an offered command stands until it is taken."""

    def __init__(self):
        self.owner = False  # whose command stands, or stood last: True is the second side
        self.standing = False

    def choice(self, first: bool, second: bool) -> bool:
        """Whether the second side has the port, given who is valid."""
        if self.standing:
            return self.owner
        return not self.owner if first and second else second

    def step(self, first: bool, second: bool, ready: bool) -> None:
        """One rising edge; `ready` is the port's."""
        if first or second:
            self.owner = self.choice(first, second)
            self.standing = not ready

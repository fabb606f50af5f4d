"""When the banks must be refreshed. Chapter: refresh, ECC and 35 hours."""

from zhenwu.spec.hbm3 import REFAB


class Refresher:
    """Calls for an all-bank refresh `start` CK after reset and every `interval` CK from then on, late or not."""

    def __init__(self, interval: int, start: int, enable: bool):
        self.interval = interval
        self.enable = enable
        self.count = start - 1  # CK until the next one falls due
        self.due = False

    def step(self, rise: int) -> None:
        """One CK; `rise` is the command on the rising row slot."""
        if rise == REFAB:
            self.due = False
        if self.count == 0:
            self.count = self.interval - 1
            self.due = self.enable
        else:
            self.count -= 1

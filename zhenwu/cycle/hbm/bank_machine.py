"""What one bank does: it is closed, or a row is open, whose opener may still wait. Chapter: the controller."""

from zhenwu.cycle.hbm.commands import Commands
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB


class BankMachine:
    """Follows the commands to bank `index`, as the device's bank does.

    The opener is the request for which the row was opened: until it has been served the row is protected.
    """

    def __init__(self, index: int):
        self.index = index
        self.is_open = False
        self.row = 0
        self.opener_waits = False
        self.opener_is_write = False

    def step(self, commands: Commands) -> None:
        """One CK."""
        if commands.fall == PREAB or (commands.fall == PREPB and commands.fall_bank == self.index):
            self.is_open = False
        if commands.column != NOP and commands.column_bank == self.index:
            self.opener_waits = False
        if commands.rise == ACT and commands.rise_bank == self.index:
            self.is_open = self.opener_waits = True
            self.row = commands.row
            self.opener_is_write = commands.opener_is_write

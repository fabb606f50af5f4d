"""Commands that nobody checked: for the blocks that follow the pins and keep no rule themselves."""

from random import Random

from hdl.hbm.request import COLUMNS, ROWS
from zhenwu.cycle.hbm.commands import IDLE, Commands
from zhenwu.cycle.hbm.controller import BANKS
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB, RD, REFAB, WR


class PlayedCommands:
    """Random commands, dense for a while, then rare; after each `quiet` CK of them none for as long or longer."""

    def __init__(self, seed: int | str, quiet: int):
        self.random = Random(seed)
        self.quiet = quiet
        self.left = self.busy = 0
        self.density = 0.5

    def next(self) -> Commands:
        """The commands of the next CK."""
        random = self.random
        if self.left == 0:
            if self.busy > self.quiet:
                self.density, self.left, self.busy = 0.0, random.randrange(self.quiet, 2 * self.quiet), 0
            else:
                self.density, self.left = random.choice((0.9, 0.3, 0.1, 0.02)), random.randrange(1, 120)
                self.busy += self.left
        self.left -= 1
        if random.random() >= self.density:
            return IDLE
        rise = random.choice((NOP, ACT, ACT, REFAB) if random.random() < 0.1 else (NOP, ACT))
        fall = random.choice((NOP, PREPB, PREAB) if random.random() < 0.1 else (NOP, PREPB))
        return Commands(
            rise=rise, rise_bank=random.randrange(BANKS), row=random.randrange(ROWS),
            opener_is_write=random.random() < 0.5,
            fall=NOP if rise == ACT and random.random() < 0.5 else fall, fall_bank=random.randrange(BANKS),
            column=random.choice((NOP, RD, WR)), column_bank=random.randrange(BANKS),
            column_number=random.randrange(COLUMNS),
        )

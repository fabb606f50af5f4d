"""Cosimulation of the bank machines: all banks at once, under commands that heed no rule."""

from hdl.bench.coverage import Coverage
from hdl.hbm.bank_machine import bank_machine, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.hbm.played_commands import PlayedCommands
from zhenwu.cosim.hbm.situ import pin_values
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.hbm import bank_machine as model
from zhenwu.cycle.hbm.commands import IDLE, Commands
from zhenwu.cycle.hbm.controller import BANKS
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB

ORACLE = "cycle model bank_machine, one a bank, in every cycle"
NOT_CHECKED = "ACT to an open bank beyond its effect here: the scheduler prevents it"
BINS = {
    "cp_open": "a row opens and is known",
    "cp_close_one": "PREpb closes its bank and no other",
    "cp_close_all": "PREab closes all",
    "cp_opener_served": "the first column command ends the row's protection",
    "cp_all_in_one_ck": "three commands in one CK, to three banks",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Random commands."""
    coverage = Coverage(BINS)

    def make() -> Pair:
        pins = ports()
        bench = Bench(seed, coverage)
        return Pair(bank_machine(**pins), pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "bank_machine", make, seed=seed, cycles=1500 if quick else 8000, coverage=coverage, oracle=ORACLE,
        not_checked=NOT_CHECKED,
    )


class Bench:
    """The models and the commands."""

    def __init__(self, seed: int, coverage: Coverage):
        self.seed, self.coverage = seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset: all banks closed."""
        self.played = PlayedCommands(self.seed, quiet=50)
        self.banks = [model.BankMachine(index) for index in range(BANKS)]
        self.commands = IDLE
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The pins."""
        return pin_values(self.commands) | {"act_for_write": int(self.commands.opener_is_write)}

    def expected(self) -> dict[str, int]:
        """The masks, and the row of each bank that is open."""
        masks = {
            name: sum(getattr(bank, name) << bank.index for bank in self.banks)
            for name in ("is_open", "opener_waits", "opener_is_write")
        }
        return masks | {f"open_row.{bank.index}": bank.row for bank in self.banks if bank.is_open}

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        self.count(self.commands)
        for bank in self.banks:
            bank.step(self.commands)
        self.commands = self.played.next()
        return self.inputs()

    def count(self, commands: Commands) -> None:
        """The situations of this CK."""
        hit = self.coverage.hit
        opened = [bank.is_open for bank in self.banks]
        hit("cp_open", commands.rise == ACT and not opened[commands.rise_bank])
        hit("cp_close_one", commands.fall == PREPB and opened[commands.fall_bank] and sum(opened) > 1)
        hit("cp_close_all", commands.fall == PREAB and sum(opened) > 1)
        hit("cp_opener_served", commands.column != NOP and self.banks[commands.column_bank].opener_waits)
        named = {commands.rise_bank, commands.fall_bank, commands.column_bank}
        all_three = commands.rise == ACT and commands.fall == PREPB and commands.column != NOP
        hit("cp_all_in_one_ck", all_three and len(named) == 3)

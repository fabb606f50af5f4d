"""The closed-form limits of one pseudo-channel inside a chapter: requests that meet them, and what came of each.

The requests run on the controller's cycle model and on its hardware (`zhenwu/chapter/kv_reads.py`), without a refresh.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zhenwu.chapter.kv_reads import KvRead, on_hardware, on_model
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.patterns import line
from zhenwu.cycle.hbm.timing_checker import TimingChecker, Violation
from zhenwu.cycle.hbm.traffic import Access, Master, System, expected_lines
from zhenwu.golden.hbm.bound import one_bank_interval, unloaded_read
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand

COLUMNS = ("RD", "WR")


@dataclass(frozen=True)
class Requests:
    """Accesses in their order, for a controller of these sizes: what `on_model` and `on_hardware` take."""

    asked: Sequence[Access]
    sizes: dict = field(default_factory=lambda: {"refresh_enable": False})

    @property
    def lines(self) -> int:
        """How many."""
        return len(self.asked)

    def accesses(self) -> list[Access]:
        """All of them."""
        return list(self.asked)


def states() -> Requests:
    """A closed row, more lines of it, then another row of its bank: ACT is long past when the first must close."""
    return Requests([*(Access(False, line(0, 0, 0, column)) for column in range(4)), Access(False, line(0, 0, 1, 0))])


def one_bank(write: bool, count: int = 4) -> Requests:
    """A new row of one bank each time."""
    return Requests([Access(write, line(0, 0, row, 0), row + 1 if write else 0) for row in range(count)])


def many_rows(count: int = 5) -> Requests:
    """A row in a bank of its own each time, neighbours in different bank groups."""
    return Requests([Access(False, line(row % 4, row // 4, 0, 0)) for row in range(count)])


def one_group(count: int = 8) -> Requests:
    """Lines of one row."""
    return Requests([Access(False, line(0, 0, 0, column)) for column in range(count)])


def by_paper() -> dict[str, int]:
    """The limits that `by_commands` measures, from the formulas."""
    timing = HBM3_6400
    fifth = max(4 * timing.total("nRRDS"), timing.total("nFAW"))
    return {
        **{f"read, row {state}": unloaded_read(state) for state in ("hit", "closed", "conflict")},
        "one bank, between reads": one_bank_interval(write=False),
        "one bank, between writes": one_bank_interval(write=True),
        "one bank group, between reads": timing.total("nCCDL"),
        "from the first ACT to the fifth": fifth,
    }


def by_commands(read) -> dict[str, int]:
    """The same from the commands that `read`, which is `on_model` or `on_hardware`, brought to the pins."""
    found = latencies(read(states()).commands)
    for write, name in ((False, "one bank, between reads"), (True, "one bank, between writes")):
        found[name] = apart(read(one_bank(write)).commands)
    found["one bank group, between reads"] = apart(read(one_group()).commands)
    found["from the first ACT to the fifth"] = starts(read(many_rows()).commands)[4]
    return found


def latencies(commands: Sequence[DramCommand]) -> dict[str, int]:
    """CK from a read's first command to the end of its burst, of `states`."""
    first = {op: next(command.cycle for command in commands if command.op == op) for op in ("ACT", "PREpb")}
    reads = [command.cycle for command in commands if command.op == "RD"]
    begins = {"hit": (reads[1], reads[1]), "closed": (first["ACT"], reads[0]), "conflict": (first["PREpb"], reads[-1])}
    after = HBM3_6400.total("nCL", "nBL")
    return {f"read, row {state}": column + after - begin for state, (begin, column) in begins.items()}


def apart(commands: Sequence[DramCommand]) -> int:
    """CK between the last two column commands."""
    before, last = [command.cycle for command in commands if command.op in COLUMNS][-2:]
    return last - before


def starts(commands: Sequence[DramCommand]) -> list[int]:
    """The CK of each ACT, counted from the first."""
    found = [command.cycle for command in commands if command.op == "ACT"]
    return [cycle - found[0] for cycle in found]


def hasty(asked: Sequence[Access], **timing: int) -> tuple[int, list[Violation], int]:
    """Reads that came back wrong, what the checker says, and the commands, if a controller believes another table."""
    system = System(Master(asked), Controller(replace(HBM3_6400, **timing), refresh_enable=False))
    while not system.done:
        system.step()
    checker, sent = TimingChecker(), system.referee.commands
    for command in sent:
        checker.check(command)
    wrong = sum(got != want for got, want in zip(system.master.lines, expected_lines(asked), strict=True))
    return wrong, checker.violations, len(sent)


__all__ = [
    "KvRead", "Requests", "apart", "by_commands", "by_paper", "hasty", "latencies", "many_rows", "on_hardware",
    "on_model", "one_bank", "one_group", "starts", "states",
]

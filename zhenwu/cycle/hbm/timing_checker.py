"""Does a list of commands obey every rule? Written apart from the controller; they share the table and nothing else.

Besides the table's gaps it holds the state rules: a row command finds its slots free, ACT and refresh find their
banks closed, a column command finds the row open that it was meant for, and a refresh comes before its deadline.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from zhenwu.spec.hbm3 import HBM3_6400, DramAddress, DramCommand, HbmTiming
from zhenwu.spec.hbm3_rules import SCOPES, TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import CONTROLLER

# (slot, CK after the command's own) that each command owns: ACT takes one and a half CK of the row bus
SLOTS = {
    "ACT": (("rise", 0), ("fall", 0), ("rise", 1)),
    "PREpb": (("fall", 0),),
    "PREab": (("fall", 0),),
} | {op: (("rise", 0),) for op in ("REFab", "REFpb", "RFMab", "RFMpb")} | {
    op: (("column", 0),) for op in ("RD", "RDA", "WR", "WRA")
}
COLUMN_COMMANDS = ("RD", "RDA", "WR", "WRA")
ALL_BANK_REFRESH = ("REFab", "RFMab")
BANK_REFRESH = ("REFpb", "RFMpb")


@dataclass(frozen=True)
class Violation:
    """`second` came `gap` CK after `first`, where `rule` asks for `required`; a broken state rule is a sentence, with
    no `first` where no command stands against it."""

    rule: TimingRule | str
    first: DramCommand | None
    second: DramCommand
    gap: int | None = None
    required: int | None = None

    def __str__(self) -> str:
        what = f"CK {self.second.cycle}: {self.second.op}"
        if self.gap is None:
            return f"{what}: {self.rule}"
        return f"{what} {self.gap} CK after {self.first.op}, expected {self.required}: {self.rule}"


class TimingChecker:
    """Feed it commands in the order of their CK; it collects `violations` and counts `evaluations` of rules.

    `refresh` is (CK in which the first refresh is due, interval), or None where none is expected.
    """

    def __init__(
        self,
        timing: HbmTiming = HBM3_6400,
        rules: Sequence[TimingRule] = TIMING_RULES,
        refresh: tuple[int, int] | None = None,
        slack: int = int(CONTROLLER.refresh_slack),
    ):
        self.violations: list[Violation] = []
        self.evaluations = 0
        self.tight: set[TimingRule] = set()  # rules that a command met exactly
        self.refresh = refresh
        self.slack = slack
        self.rules: dict[str, list[tuple[TimingRule, int]]] = defaultdict(list)
        for rule in rules:
            self.rules[rule.following].append((rule, rule.cycles(timing)))
        self.depth = max((rule.window for rule in rules), default=1)
        self.reset()

    def reset(self) -> None:
        """A reset of the device: banks closed, stamps cleared; what was found stays."""
        # the last commands of each kind in each part of the memory, the newest last
        self.history: dict[tuple, deque[DramCommand]] = defaultdict(lambda: deque(maxlen=self.depth))
        self.parts: dict[str, set[tuple]] = defaultdict(set)  # those that a command has named
        self.open: dict[tuple, DramCommand] = {}
        self.slots: dict[str, tuple[int, DramCommand]] = {}
        self.refreshes = 0

    def check(self, command: DramCommand) -> None:
        """Hold one command against all before it."""
        self.check_slots(command)
        for rule, required in self.rules[command.op]:
            first = self.previous(rule, command.address)
            if first is not None:
                self.evaluations += 1
                gap = command.cycle - first.cycle
                if gap < required:
                    self.violations.append(Violation(rule, first, command, gap, required))
                elif gap == required:
                    self.tight.add(rule)
        self.check_state(command)
        for scope in SCOPES:
            here = part(scope, command.address)
            self.parts[scope].add(here)
            self.history[scope, here, command.op].append(command)

    def previous(self, rule: TimingRule, address: DramAddress) -> DramCommand | None:
        """The command that `rule` counts from, if there was one."""
        here = part(rule.scope, address)
        places = [here]
        if rule.sibling:
            places = [there for there in self.parts[rule.scope] if there[:-1] == here[:-1] and there != here]
        found: list[DramCommand] = []
        for op in rule.precedents:
            for place in places:
                found += self.history.get((rule.scope, place, op), ())
        if len(found) < rule.window:
            return None
        if len(rule.precedents) * len(places) > 1:  # each list is in order, but not their sum
            found.sort(key=lambda command: command.cycle)
        return found[-rule.window]

    def check_slots(self, command: DramCommand) -> None:
        """The slots of a command belong to nobody else."""
        channel_slots = SLOTS[command.op]
        for slot, later in channel_slots:
            at, owner = self.slots.get(slot, (-1, None))
            if at >= command.cycle + later:
                self.broken(f"the {slot} slot of CK {command.cycle + later} belongs to {owner.op}", command, owner)
            self.slots[slot] = (command.cycle + later, command)

    def check_state(self, command: DramCommand) -> None:
        """What the command finds: its bank open or closed, its row, its deadline."""
        place, op = command.address, command.op
        bank, pseudo_channel = part("bank", place), part("pseudo_channel", place)
        opened = self.open.get(bank)
        inside = [other for other in self.open if other[: len(pseudo_channel)] == pseudo_channel]
        if op in COLUMN_COMMANDS and opened is None:
            self.broken("no row is open in its bank", command)
        elif op in COLUMN_COMMANDS and opened.address.row != place.row:
            self.broken(f"row {opened.address.row} is open, expected {place.row}", command, opened)
        elif (op == "ACT" or op in BANK_REFRESH) and opened is not None:
            self.broken("its bank is open", command, opened)
        elif op in ALL_BANK_REFRESH and inside:
            self.broken("a bank is open", command, self.open[inside[0]])
        if op == "ACT":
            self.open[bank] = command
        elif op in ("PREpb", "RDA", "WRA"):
            self.open.pop(bank, None)
        elif op == "PREab":
            for other in inside:
                del self.open[other]
        elif op == "REFab" and self.refresh is not None:
            self.check_deadline(command)
            self.refreshes += command.cycle >= self.due  # one that comes early replaces none

    def check_deadline(self, command: DramCommand) -> None:
        """The next refresh is not later than its slack allows."""
        late = command.cycle - self.due
        if late > self.slack:
            self.broken(f"the refresh due in CK {self.due} is {late} CK late, expected at most {self.slack}", command)

    @property
    def due(self) -> int:
        """The CK in which the next refresh is due."""
        first, interval = self.refresh
        return first + self.refreshes * interval

    def end(self, cycle: int) -> None:
        """The list ends with CK `cycle`: a refresh that should have come by then is missing."""
        if self.refresh is not None:
            self.check_deadline(DramCommand(cycle, "NOP"))

    def broken(self, rule: str, second: DramCommand, first: DramCommand | None = None) -> None:
        """Note a broken state rule."""
        self.violations.append(Violation(rule, first, second))


def part(scope: str, address: DramAddress) -> tuple[int, ...]:
    """Which pseudo-channel, stack id, bank group or bank an address lies in."""
    path = (address.pseudo_channel, address.stack_id, address.bank_group, address.bank)
    return path[: SCOPES.index(scope) + 1]

"""The memory controller of one pseudo-channel, every block at work. Chapter: the controller and its limits.

    cmd ──> admission ─┬─> read queue ──┐
                       └─> write queue ─┼─> scheduler ──> command pins ──> bank machines, timing gates
    wdata ─> write buffer ──────────────┼─> dq path ───> DQ
    rdata <─ return buffer <────────────┘      refresher, direction: what comes first
"""

from collections.abc import Sequence

from zhenwu.cycle.hbm.activate_window import ActivateWindow
from zhenwu.cycle.hbm.admission import Admission, Command
from zhenwu.cycle.hbm.bank_machine import BankMachine
from zhenwu.cycle.hbm.commands import IDLE, Request
from zhenwu.cycle.hbm.direction import Direction
from zhenwu.cycle.hbm.dq_path import DqPath
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.return_buffer import ReturnBuffer
from zhenwu.cycle.hbm.scheduler import Scheduler
from zhenwu.cycle.hbm.timing_gate import TimingGate
from zhenwu.cycle.hbm.write_buffer import WriteBuffer
from zhenwu.golden.hbm.address_map import address_map as mapped
from zhenwu.golden.hbm.address_map import line_address
from zhenwu.spec.hbm3 import (
    ACT,
    COMMANDS,
    HBM3_6400,
    HBM3_GEOMETRY,
    PREAB,
    PREPB,
    RD,
    REFAB,
    WR,
    DramAddress,
    DramCommand,
    HbmTiming,
)
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import CONTROLLER, check_sizes, write_slots

ISSUED = (ACT, PREPB, PREAB, RD, WR, REFAB)  # the commands of this controller
BANK_GROUPS = int(HBM3_GEOMETRY.bank_groups)
BANKS = BANK_GROUPS * int(HBM3_GEOMETRY.banks)
LANES = {"pseudo_channel": 1, "stack_id": 1, "bank_group": BANK_GROUPS, "bank": BANKS}


class Gates:
    """For each command the gates of all scopes, made from the rules."""

    def __init__(self, timing: HbmTiming, rules: Sequence[TimingRule]):
        self.of: dict[int, list[TimingGate]] = {op: [] for op in ISSUED}
        for op in ISSUED:
            for lanes in sorted(set(LANES.values())):
                gaps: dict[int, int] = {}
                for rule in rules:
                    before = COMMANDS.index(rule.precedents[0])
                    single = rule.window == 1 and not rule.sibling and LANES[rule.scope] == lanes
                    if single and before in ISSUED and rule.following == COMMANDS[op]:
                        gaps[before] = max(gaps.get(before, 0), rule.cycles(timing))
                if gaps:
                    self.of[op].append(TimingGate(lanes, gaps))
        self.every = [gate for gates in self.of.values() for gate in gates]
        windows = [rule for rule in rules if rule.window > 1 and rule.following == "ACT" and "ACT" in rule.precedents]
        (acts,) = {rule.window for rule in windows}
        self.window = ActivateWindow(acts, max(rule.cycles(timing) for rule in windows))

    def open(self, op: int, bank: int, ck: int) -> bool:
        """Whether command `op` may start in CK `ck` at `bank`."""
        for gate in self.of[op]:
            if gate.allowed_at[bank % gate.lanes] > ck:  # gate.opens, without the call: the innermost line of all
                return False
        return op != ACT or self.window.opens(ck)


def precharge_gap(timing: HbmTiming, rules: Sequence[TimingRule]) -> int:
    """The least gap between two precharges that the rules allow."""
    return max(rule.cycles(timing) for rule in rules if (rule.preceding, rule.following) == ("PREpb", "PREpb"))


class Controller:
    """Cycle for cycle what `hdl/hbm/controller.py` does. Its outputs are registers:

    `cmd_ready`, `wdata_ready`, `rdata` (None or what is on offer), `pins` (the commands of this CK), `dq.drive`,
    `dq.write`. `step` is one rising edge. Sizes and timings that cannot be raise ValueError.
    """

    def __init__(
        self,
        timing: HbmTiming = HBM3_6400,
        rules: Sequence[TimingRule] = TIMING_RULES,
        *,
        read_entries: int = int(CONTROLLER.read_entries),
        write_entries: int = int(CONTROLLER.write_entries),
        return_entries: int = int(CONTROLLER.return_entries),
        address_map: str = str(CONTROLLER.address_map.value),
        max_age: int = int(CONTROLLER.max_age),
        refresh_enable: bool = True,
        refresh_start: int | None = None,
    ):
        start = timing.total("nREFI") if refresh_start is None else refresh_start
        check_sizes(timing, read_entries, write_entries, return_entries, address_map, max_age, start)
        self.timing, self.address_map = timing, address_map
        self.now = 0
        self.pins = IDLE
        self.admission = Admission(read_entries, write_entries, return_entries)
        self.reads, self.writes = RequestQueue(), RequestQueue()
        self.write_buffer = WriteBuffer(write_slots(timing, write_entries), write_entries)
        self.return_buffer = ReturnBuffer(return_entries)
        self.direction = Direction(*CONTROLLER.watermarks(write_entries), max_age)
        self.banks = [BankMachine(index) for index in range(BANKS)]
        self.gates = Gates(timing, rules)
        self.refresher = Refresher(timing.total("nREFI"), start, refresh_enable)
        self.scheduler = Scheduler(precharge_pause=precharge_gap(timing, rules) > 1)
        self.dq = DqPath(timing.total("nCL"), timing.total("nCWL"))

    @property
    def idle(self) -> bool:
        """Whether no request is queued and no burst is under way."""
        queued = self.admission.fifo or self.admission.entering or self.reads.count or self.writes.count
        return not (queued or self.dq.reads or self.dq.writes or self.pins.column or self.dq.drive)

    @property
    def cmd_ready(self) -> bool:
        return self.admission.ready

    @property
    def wdata_ready(self) -> bool:
        return self.write_buffer.ready

    @property
    def rdata(self):
        return self.return_buffer.rdata

    def step(self, cmd: tuple[bool, int, int] | None, wdata: int | None, rdata_ready: bool, dq_read: int) -> None:
        """One rising edge. `cmd` (write, line address, id) and `wdata` are what is valid, whether ready or not."""
        now, pins, entering = self.now, self.pins, self.admission.entering
        sent, returned = self.dq.sent, self.return_buffer.returned
        arrive = self.write_buffer.arrives(self.writes)
        writing, overdue = self.direction.choose(now, self.reads, self.writes)

        # Each block reads the others' registers as they were before this edge, so readers go first.
        decision = self.scheduler.decide(
            pins, self.reads, self.writes, writing, overdue, self.refresher.due, self.banks,
            lambda op, bank: self.gates.open(op, bank, now + 1),
        )
        fill = self.dq.step(now, pins, dq_read, self.write_buffer)
        self.return_buffer.step(rdata_ready, entering, fill, self.write_buffer, sent)
        command = None if cmd is None else self.mapped(*cmd)
        self.admission.step(command, pins, self.reads, self.writes, self.write_buffer, returned)
        self.write_buffer.step(wdata, entering, self.writes, sent)
        queued_read = entering.queued_read if entering is not None else None
        queued_write = entering.queued_write if entering is not None else None
        self.reads.step(now, queued_read, queued_read is not None, pins.leave_read)
        self.writes.step(now, queued_write, arrive, pins.leave_write)
        self.direction.step(writing)
        self.refresher.step(pins.rise)
        started = pins.started()
        if started:
            for gate in self.gates.every:
                gate.step(now, started)
            self.gates.window.step(now, pins.rise == ACT)
            for bank in self.banks:
                bank.step(pins)
        self.pins = decision
        self.now = now + 1

    def mapped(self, write: bool, line_address: int, id: int) -> Command:
        """A command of the port with its place instead of its line address."""
        place = mapped(line_address, self.address_map)
        return Command(write, Request(place.bank * BANK_GROUPS + place.bank_group, place.row, place.column, 0), id)

    def line(self, request: Request) -> int:
        """The line address of a request."""
        bank, bank_group = divmod(request.bank, BANK_GROUPS)
        place = DramAddress(bank_group=bank_group, bank=bank, row=request.row, column=request.column)
        return line_address(place, self.address_map)

    def started(self) -> list[DramCommand]:
        """The commands on the pins in this CK, as a list of the field's own."""
        return [
            DramCommand(self.now, COMMANDS[op], self.pin_address(op, bank)) for op, bank in self.pins.started()
        ]

    def pin_address(self, op: int, bank: int | None) -> DramAddress:
        """What the pins of a command name."""
        if bank is None:
            return DramAddress()
        bank, bank_group = divmod(bank, BANK_GROUPS)
        row = self.pins.row if op == ACT else 0
        column = self.pins.column_number if op in (RD, WR) else 0
        return DramAddress(bank_group=bank_group, bank=bank, row=row, column=column)

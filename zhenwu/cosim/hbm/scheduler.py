"""Cosimulation of the scheduler: queues, banks and gates in any state, so that every choice is met."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.hbm.request import COLUMNS, SLOTS
from hdl.hbm.scheduler import BANK_KINDS, GROUP_KINDS, ports, scheduler
from hdl.hbm.timing_gate import KINDS
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.situ import request_word
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed
from zhenwu.cosim.numbers import command
from zhenwu.cycle.hbm import scheduler as model
from zhenwu.cycle.hbm.bank_machine import BankMachine
from zhenwu.cycle.hbm.commands import IDLE, Commands, Request
from zhenwu.cycle.hbm.controller import BANK_GROUPS, BANKS
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.spec.hbm3 import ACT, COMMANDS, NOP, PREAB, PREPB, RD, REFAB, WR

ORACLE = "cycle model scheduler: all commands, in every cycle"
NOT_CHECKED = "queues other than 16 + 16, 3 + 5, 5 + 3 and 1 + 1"
BINS = {
    "cp_hit": "a row hit is served",
    "cp_young_hit": "a younger request is served, since the older ones are not ready",
    "cp_opener_first": "an opener goes before an older row hit",
    "cp_oldest_first": "the oldest of all goes before openers, since it is overdue",
    "cp_leftover_first": "an opener of the other direction goes before all of this one",
    "cp_conflict_holds_hits": "the oldest wants another row, so a younger hit of that bank waits",
    "cp_act_wins": "ACT and PRE want one CK",
    "cp_three_commands": "a column command, and a row command beside it",
    "cp_protected": "a row whose opener waits is not closed",
    "cp_closing": "a bank whose PRE is on the pins is left alone",
    "cp_served_bank": "a bank whose RD or WR is on the pins is not closed",
    "cp_pause": "a kind of command pauses a CK after its own",
    "cp_due_holds": "a refresh is due: nothing new begins",
    "cp_due_opener": "but openers are served",
    "cp_preab": "PREab closes what is open",
    "cp_refab": "REFab, when all is closed",
    "cp_overdue_holds": "somebody overdue waits for a leftover: nothing new begins",
    "cp_nothing": "nothing is ready",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Three sizes of the queues; one with precharges that need no pause."""
    coverage = Coverage(BINS)
    cycles = 700 if quick else 3500
    sizes = ((16, 16, True), (3, 5, False), (5, 3, True), (1, 1, True))
    return merge("scheduler", *(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(
    read_entries: int, write_entries: int, precharge_pause: bool, seed: int, cycles: int, coverage: Coverage
) -> Evidence:
    """One size."""

    def make() -> Pair:
        pins = ports(read_entries=read_entries, write_entries=write_entries)
        bench = Bench((read_entries, write_entries), precharge_pause, f"{seed}/{read_entries}", coverage)
        block = scheduler(**pins, precharge_pause=precharge_pause)
        return Pair(block, pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "scheduler", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED,
        numbers={f"{slot}.op": command for slot in ("rise", "fall", "column")},
    )


class Bench:
    """The model, and a world around it that changes at random."""

    def __init__(self, sizes: tuple[int, int], precharge_pause: bool, seed: str, coverage: Coverage):
        self.sizes, self.precharge_pause, self.seed, self.coverage = sizes, precharge_pause, seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset, in an empty world."""
        self.random = Random(self.seed)
        self.model = model.Scheduler(self.precharge_pause)
        self.present = IDLE
        self.queues = RequestQueue(), RequestQueue()
        self.heads = [0, 0]
        self.banks = [BankMachine(index) for index in range(BANKS)]
        self.shut = [[0] * BANK_KINDS, [0] * GROUP_KINDS, [0] * len(KINDS)]
        self.window_shut = self.writing = self.overdue = self.due = False
        return self.inputs()

    def may(self, op: int, bank: int) -> bool:
        """Whether no gate is shut against a command."""
        kind = KINDS.index(COMMANDS[op])
        bank_shut, group_shut, channel_shut = self.shut
        stopped = channel_shut[kind] or (op == ACT and self.window_shut)
        if kind < BANK_KINDS:
            stopped = stopped or bank_shut[kind] >> bank & 1
        if kind < GROUP_KINDS:
            stopped = stopped or group_shut[kind] >> bank % BANK_GROUPS & 1
        return not stopped

    def inputs(self) -> dict[str, int]:
        """The world on the pins."""
        values = {"window_shut": int(self.window_shut), "writing": int(self.writing), "overdue": int(self.overdue)}
        values["due"] = int(self.due)
        for name, queue, head, entries in zip(("read", "write"), self.queues, self.heads, self.sizes, strict=True):
            values |= {f"{name}_head": head, f"{name}_ready": queue.ready}
            for index, request in enumerate(queue.requests):
                values[f"{name}s.{(head + index) % entries}"] = request_word(request)
        for name in ("is_open", "opener_waits", "opener_is_write"):
            values[name] = sum(getattr(bank, name) << bank.index for bank in self.banks)
        values |= listed("open_row", [bank.row for bank in self.banks])
        for name, masks in zip(("bank_shut", "group_shut", "channel_shut"), self.shut, strict=True):
            values |= listed(name, masks)
        return values

    def expected(self) -> dict[str, int]:
        """The commands on the pins, decided a CK ago."""
        return expected_pins(self.present)

    def advance(self, _) -> dict[str, int]:
        """One CK: decide, then change the world."""
        decision = self.model.decide(
            self.present, *self.queues, self.writing, self.overdue, self.due, self.banks, self.may
        )
        self.count(decision)
        self.present = decision
        self.change()
        return self.inputs()

    def change(self) -> None:
        """Few banks and few rows, so that they meet; gates mostly open."""
        random = self.random
        pool = [random.randrange(BANKS) for _ in range(random.choice((1, 3, 6)))]
        for index, entries in enumerate(self.sizes):
            if random.random() < 0.4:
                queue = self.queues[index]
                self.heads[index] = random.randrange(entries)
                count = random.choice((0, 1, random.randint(0, entries), entries))
                queue.requests[:] = [
                    Request(
                        random.choice(pool), random.randrange(2), random.randrange(COLUMNS), random.randrange(SLOTS)
                    )
                    for _ in range(count)
                ]
                queue.stamps[:] = [0] * random.choice((count, random.randint(0, count)))
        for bank in self.banks:
            if random.random() < 0.3:
                bank.is_open = random.random() < 0.6
                bank.opener_waits = bank.is_open and random.random() < 0.4
                bank.row, bank.opener_is_write = random.randrange(2), random.random() < 0.5
        served = self.banks[self.present.column_bank]
        if self.present.column != NOP and random.random() < 0.3:  # the bank on the pins wants another row now
            served.is_open, served.opener_waits = True, False
            for queue in self.queues:
                queue.requests[:1] = [Request(served.index, 1 - served.row, 3, 4)] if queue.ready else []
        density = random.choice((0, 0, 0.2, 0.6))
        self.shut = [
            [sum((random.random() < density) << lane for lane in range(lanes)) for _ in range(kinds)]
            for lanes, kinds in ((BANKS, BANK_KINDS), (BANK_GROUPS, GROUP_KINDS), (1, len(KINDS)))
        ]
        self.window_shut = random.random() < 0.1
        self.writing = random.random() < 0.5
        self.overdue, self.due = random.random() < 0.3, random.random() < 0.15
        if self.overdue and random.random() < 0.3:
            self.oldest_meets_openers()
        if self.due and random.random() < 0.5:
            for bank in self.banks:
                bank.opener_waits = False
                bank.is_open = bank.is_open and random.random() < 0.3

    def oldest_meets_openers(self) -> None:
        """The oldest request, or the one after it, hits its row; younger ones are openers; nothing was left behind."""
        queue = self.queues[self.writing]
        for bank in self.banks:
            bank.opener_waits = bank.opener_waits and bank.opener_is_write == self.writing
        hits = self.random.choice((0, 0, 1))
        for position, request in reversed(list(enumerate(queue.requests[: queue.ready]))):
            bank = self.banks[request.bank]
            bank.is_open, bank.row = position >= hits, request.row
            bank.opener_waits, bank.opener_is_write = position > hits, self.writing

    def count(self, decision: Commands) -> None:
        """The situations of this choice."""
        hit, present, banks = self.coverage.hit, self.present, self.banks
        mine = self.queues[self.writing]
        ready = mine.requests[: mine.ready]
        served = decision.column != NOP
        leftovers = [bank for bank in banks if bank.opener_waits and bank.opener_is_write != self.writing]
        is_mine = served and (decision.leave_write is not None) == self.writing
        opener = served and banks[decision.column_bank].opener_waits
        hit("cp_hit", is_mine and not opener)
        hit("cp_young_hit", is_mine and not opener and decision.position > 0)
        older = ready[: decision.position] if is_mine and opener else []
        hit("cp_opener_first", any(self.is_hit(request) for request in older))
        oldest = is_mine and not opener and decision.position == 0
        hit("cp_oldest_first", oldest and self.overdue and any(self.is_opener(request) for request in ready))
        hit("cp_leftover_first", served and not is_mine and any(self.is_hit(request) for request in ready))
        first: dict[int, Request] = {}
        for request in ready:
            first.setdefault(request.bank, request)
        conflicts = {number for number, request in first.items()
                     if banks[number].is_open and banks[number].row != request.row}
        held = any(self.is_hit(request) and request.bank in conflicts for request in ready)
        hit("cp_conflict_holds_hits", held and not served)
        closable = [number for number in conflicts if self.may(PREPB, number) and not banks[number].opener_waits]
        hit("cp_act_wins", decision.rise == ACT and bool(closable) and present.fall == NOP)
        hit("cp_three_commands", served and (decision.rise != NOP or decision.fall != NOP))
        idle = decision == IDLE
        hit("cp_protected", idle and any(banks[number].opener_waits for number in conflicts))
        hit("cp_closing", present.fall == PREPB and any(request.bank == present.fall_bank for request in ready))
        hit("cp_served_bank", present.column != NOP and present.column_bank in closable)
        hit("cp_pause", present.column != NOP and bool(ready) and not served)
        hit("cp_due_holds", self.due and idle and any(self.is_hit(request) for request in ready))
        hit("cp_due_opener", self.due and bool(opener))
        hit("cp_preab", decision.fall == PREAB)
        hit("cp_refab", decision.rise == REFAB)
        hit("cp_overdue_holds", self.overdue and bool(leftovers) and idle and not self.due and bool(ready))
        hit("cp_nothing", idle and bool(ready))

    def is_opener(self, request: Request) -> bool:
        """Whether a request of this direction is its row's opener and could be served."""
        bank, column = self.banks[request.bank], WR if self.writing else RD
        waits = bank.opener_waits and bank.opener_is_write == self.writing and bank.row == request.row
        return waits and self.may(column, bank.index)

    def is_hit(self, request: Request) -> bool:
        """Whether a request's row is open."""
        bank = self.banks[request.bank]
        return bank.is_open and bank.row == request.row and not bank.opener_waits


def expected_pins(commands: Commands) -> dict[str, int]:
    """The scheduler's outputs, with what a command does not name left out."""
    column = commands.column != NOP
    values = {
        "rise.op": commands.rise, "fall.op": commands.fall, "column.op": commands.column,
        "leave_read": int(commands.leave_read is not None), "leave_write": int(commands.leave_write is not None),
    }
    named = (
        ("rise", commands.rise == ACT, commands.rise_bank),
        ("fall", commands.fall == PREPB, commands.fall_bank),
        ("column", column, commands.column_bank),
    )
    for slot, counts, bank in named:
        if counts:
            values |= {f"{slot}.bank_group": bank % BANK_GROUPS, f"{slot}.bank": bank // BANK_GROUPS}
            values |= {f"{slot}.pseudo_channel": 0, f"{slot}.stack_id": 0}
    if commands.rise == ACT:
        values |= {"rise.row": commands.row, "act_for_write": int(commands.opener_is_write)}
    if column:
        values |= {"column.column": commands.column_number, "position": commands.position, "slot": commands.slot}
    return values

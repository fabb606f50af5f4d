"""Mover, array and store path as the sequencer sees them, played by the bench: they end things after a while."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from zhenwu.golden.tile.sequencer import Passed, Trap, decoded, unroll
from zhenwu.golden.tile.sequencer import sequencer as golden
from zhenwu.spec.isa import FINISHED, LOAD, MMA, POISONED, STORE, Store, Wait, decode, encode, status

OPCODE = {"load": LOAD, "mma": MMA, "store": STORE}
HANDED_OUT_AGAIN = 3  # cycles from one instruction to the next: by then a wait is met
LAST_OFFER = 2  # cycles after the pulse of poison in which an instruction may still begin to be offered
START_CYCLES = 2  # until the block has seen the start
PULSES = ("load_done", "mma_done", "store_done", "freed", "poison")


@dataclass(frozen=True)
class Program:
    """A program and how the units go about it.

    written      : the host writes it; if not, it stands in the memory already
    speed        : chance per cycle that a unit ends its oldest instruction
    poison_after : instructions handed out before poison comes; the loads among them end no sooner
    in_wait      : nor do the stores, so that the program waits for them by then
    """

    words: Sequence[int]
    written: bool = True
    speed: float = 0.5
    poison_after: int | None = None
    in_wait: bool = False


class Script:
    """What golden says about a program: the order of hand-outs, the status, where it waits and where it goes round."""

    def __init__(self, words: Sequence[int], half_steps: int, formats: tuple[str, ...]):
        handed_out, self.status = golden(words, half_steps, formats)
        self.transfers = [
            {"unit": OPCODE[type(each).__name__.lower()], "word": encode(each), "stores_missing": 0}
            for each in handed_out
        ]
        self.passed: list[Passed] = []  # waits among them
        self.waits: set[int] = set()  # hand-outs before each wait
        self.due: list[int] = []  # stores that must have ended before each hand-out
        self.goes_round: list[bool] = []  # whether each hand-out is in a later round of a loop
        stores = due = 0
        for passed in self.run(words, half_steps, formats):
            self.passed.append(passed)
            if isinstance(passed.instruction, Wait):
                self.waits.add(len(self.due))
                due = stores
            else:
                self.due.append(due)
                self.goes_round.append(any(passed.rounds))
                stores += isinstance(passed.instruction, Store)

    @staticmethod
    def run(words: Sequence[int], half_steps: int, formats: tuple[str, ...]) -> Iterator[Passed]:
        """What the sequencer is done with, one after the other, up to the end or a trap."""
        try:
            yield from unroll([decoded(word) for word in words], half_steps, formats)
        except Trap:
            return


@dataclass
class Progress:
    """How far the program at work is."""

    program: Program
    script: Script
    first: int  # place of its first hand-out in the board
    cycles: int = 0
    handed_out: int = 0
    idle_cycles: int = 0  # since the last hand-out
    under_way: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OPCODE, 0))
    mmas: deque[bool] = field(default_factory=deque)  # of each mma under way: does it make a result
    results: int = 0  # made, and still in the accumulators
    closing: int = 0  # stores whose result has left the accumulators
    stores_ended: int = 0
    poisoned_at: int | None = None
    poisons: int = 0
    poison_cycles: int = 0  # since the first
    discarding: bool = False
    discard_wrong: int = 0
    suppress_wrong: int = 0
    code_wrong: int = 0

    @property
    def status(self) -> int:
        """How the program must end."""
        return self.script.status if self.poisoned_at is None else status(POISONED, self.poisoned_at)

    @property
    def busy(self) -> int:
        """What has not ended."""
        return sum(self.under_way.values()) + self.results

    @property
    def goes_round(self) -> bool:
        """Whether what comes next is in a later round of a loop."""
        return self.handed_out < len(self.script.goes_round) and self.script.goes_round[self.handed_out]


class Units:
    """Takes hand-outs, ends them in order after random times, sends poison, and watches `discard` and `suppress`."""

    def __init__(self, pins, expected: Sequence[dict[str, int]], coverage: Coverage, seed: int):
        self.pins = pins
        self.expected = expected
        self.coverage = coverage
        self.seed = seed
        self.board = Scoreboard([])
        self.restart()

    def restart(self) -> None:
        """Expect everything from the start."""
        self.random = Random(self.seed)
        self.board.expected = list(self.expected)
        self.board.restart()
        self.at: Progress | None = None
        for name in PULSES:
            self.pins[name].next = 0

    def begin(self, program: Program, script: Script) -> None:
        """The host starts a program."""
        self.at = Progress(program, script, self.board.received)

    def follow(self) -> Iterator:
        """Look at every edge, and drive the pulses of the next cycle."""
        while True:
            yield self.pins["clk"].posedge
            if self.pins["rst"]:
                self.coverage.hit("cp_reset_in_loop", self.at is not None and self.at.goes_round)
                self.restart()
            elif self.at is not None:
                self.watch(self.at)
                for name in OPCODE:
                    if self.pins[name].valid and self.pins[name].ready:
                        self.take(self.at, name)
                self.poison(self.at)
                self.end_things(self.at)

    def take(self, at: Progress, name: str) -> None:
        """An instruction is handed out."""
        due = at.script.due[at.handed_out] if at.handed_out < len(at.script.due) else 0
        word = int(self.pins[name].word.val)
        missing = max(0, due - at.stores_ended)
        self.board.receive(Transfer(cycle(), {"unit": OPCODE[name], "word": word, "stores_missing": missing}))
        at.under_way[name] += 1
        if name == "mma":
            at.mmas.append(decode(word).last == 1)
            self.coverage.hit("cp_result_and_freed", bool(at.mmas[-1] and self.pins["freed"]))
        self.coverage.hit("cp_hand_out_and_end", bool(self.pins[f"{name}_done"]))
        at.handed_out += 1
        at.idle_cycles = 0
        at.discard_wrong += at.discarding

    def watch(self, at: Progress) -> None:
        """Check `discard`, `suppress` and that no code is taken meanwhile, and count the situations."""
        pins, hit = self.pins, self.coverage.hit
        offered = [bool(pins[name].valid) for name in OPCODE]
        at.discarding |= bool(pins["discard"])
        at.discard_wrong += bool(pins["discard"] and at.under_way["store"])
        at.poison_cycles += at.poisoned_at is not None
        at.cycles += 1
        at.code_wrong += at.cycles > START_CYCLES and pins["code"].ready != pins["done"]
        if at.cycles > START_CYCLES and at.poison_cycles != 1:
            at.suppress_wrong += pins["suppress"] != (at.poison_cycles >= LAST_OFFER)
        if at.poison_cycles == LAST_OFFER:
            handed_out = at.handed_out + any(offered)
            every = len(at.script.transfers)
            del self.board.expected[at.first + handed_out : at.first + every]
            hit("cp_poison_running", not at.program.in_wait and handed_out < every)
        at.idle_cycles += 1
        hit("cp_unit_waits", any(pins[name].valid and not pins[name].ready for name in OPCODE))
        if at.idle_cycles == HANDED_OUT_AGAIN and not any(offered):
            waits = at.handed_out in at.script.waits
            hit("cp_wait_holds", waits and at.under_way["store"] > 0)
            hit("cp_wait_passes", waits and at.under_way["store"] == 0)
            trapped = at.script.status != status(FINISHED) and at.handed_out == len(at.script.transfers)
            hit("cp_trap_while_busy", trapped and at.busy > 0)

    def poison(self, at: Progress) -> None:
        """Send a pulse of poison when it is time, and perhaps a second one."""
        pins, hit = self.pins, self.coverage.hit
        address = self.random.getrandbits(len(pins["poison_address"]))
        pins["poison_address"].next = address
        pins["poison"].next = False
        loads = at.under_way["load"]
        if at.program.poison_after is None or at.handed_out < at.program.poison_after or not loads or at.poisons == 2:
            return
        if self.random.random() < (0.5 if at.poisons else 0.15):
            pins["poison"].next = True
            at.poisons += 1
            if at.poisons == 1:
                at.poisoned_at = address
                hit("cp_poison_in_wait", at.handed_out in at.script.waits and at.under_way["store"] > 0)
                hit("cp_poison_in_loop", at.goes_round)
                hit("cp_poison_and_trap", at.script.status != status(FINISHED))
            else:
                hit("cp_poison_twice")

    def end_things(self, at: Progress) -> None:
        """Pulse what ends now: at most one of each, what `poison_after` holds back excepted."""
        pins = self.pins
        held = at.program.poison_after is not None and at.poisoned_at is None
        under_way = at.under_way
        poisoned_now = at.poisons > 0 and at.poison_cycles == 0
        with_poison = poisoned_now and under_way["load"] == at.busy == 1
        ends = {name: under_way[name] > 0 and self.random.random() < at.program.speed for name in OPCODE}
        ends["load"] = with_poison or ends["load"] and not held
        ends["store"] = ends["store"] and at.closing > 0 and not (held and at.program.in_wait)
        asked = under_way["store"] > at.closing
        frees = at.results > 0 and (asked or bool(pins["discard"])) and self.random.random() < at.program.speed
        for name, ending in ends.items():
            pins[f"{name}_done"].next = ending
            under_way[name] -= ending
        pins["freed"].next = 1 + self.random.getrandbits(1) if frees else 0
        at.results += (ends["mma"] and at.mmas.popleft()) - frees
        at.closing += (frees and asked) - ends["store"]
        at.stores_ended += ends["store"]
        self.coverage.hit("cp_discard", frees and not asked)
        self.coverage.hit("cp_poison_at_end", with_poison and at.busy == 0)

"""When each instruction is handed to its unit, and when a program ends. Chapter: the sequencer and the tile mover."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zhenwu.golden.tile.sequencer import STREAMS, UNMOVED, Offsets, misplaced, with_offsets
from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    POISONED,
    Instruction,
    Load,
    Loop,
    Mma,
    Store,
    Wait,
    decode,
    status,
)
from zhenwu.spec.mma_formats import ALL_FORMATS
from zhenwu.spec.trap import fault

IDLE, FETCH, DECODE, DISPATCH, FINISH = range(5)
UNITS = (Load, Mma, Store)


@dataclass(frozen=True)
class Round:
    """A loop at work: its body from `begin` up to `end`, the rounds that follow this one, how far addresses are."""

    begin: int
    end: int
    left: int
    loop: Loop
    offsets: Offsets

    @property
    def following(self) -> "Round":
        """The round that follows."""
        offsets = {name: self.offsets[name] + getattr(self.loop, name) for name in STREAMS}
        return replace(self, left=self.left - 1, offsets=offsets)


class Sequencer:
    """An instruction takes 3 cycles: fetch, decode, dispatch; one that its unit's queue does not take waits.

    A loop takes 2 where it begins; to go round and to end takes none. `done`, `status` and `poisoned`, the line whose
    data came marked, are registers.
    """

    def __init__(self, program_depth: int, half_steps: int, formats: tuple[str, ...] = ALL_FORMATS):
        self.half_steps, self.formats = half_steps, formats
        self.memory: list[Instruction | None] = [None] * program_depth  # None: a word that traps
        self.state, self.index = IDLE, 0
        self.fetched: Instruction | None = None
        self.rounds: list[Round] = []  # of the loops at work, the outer one first
        self.trapped = self.done = False
        self.poisoned: int | None = None
        self.status = 0
        self.under_way = dict.fromkeys(UNITS, 0)  # dispatched, not ended
        self.results = 0  # handed off by an mma, not drained

    @property
    def ready(self) -> bool:
        """Whether program words and a start are taken."""
        return self.state == IDLE

    @property
    def offered(self) -> Instruction | None:
        """The instruction in front of its queue, its addresses moved, or None."""
        return with_offsets(self.fetched, self.offsets) if self.state == DISPATCH else None

    @property
    def offsets(self) -> Offsets:
        """How far the loops at work have moved each stream."""
        return self.rounds[-1].offsets if self.rounds else UNMOVED

    @property
    def discard(self) -> bool:
        """No store will come any more."""
        return self.state == FINISH and not self.under_way[Store]

    def legal(self, word: int) -> Instruction | None:
        """The instruction of a word, or None if it traps."""
        try:
            instruction = decode(word)
        except ValueError:
            return None
        return None if fault(instruction, self.half_steps, self.formats) else instruction

    @property
    def closing(self) -> bool:
        """Whether nothing is left to load or to multiply of what was handed out, and results leave."""
        under_way = self.under_way
        rest = self.results > 0 or under_way[Store] > 0 or self.state == FINISH
        return rest and not under_way[Load] and not under_way[Mma]

    def step(
        self, code: tuple[int, int] | None, start: bool, length: int, room: Mapping[type, bool],
        ended: Mapping[type, bool], freed: bool, poison: int | None,
    ) -> None:
        """One rising edge.

        `code` is (index, word) if valid; `room` says of each unit whether its queue takes an instruction, `ended`
        whether it ended one in this cycle; `freed`: a result has left its accumulators; `poison` is the line address
        of marked data that come in.
        """
        offered = self.offered
        sent = type(offered) if offered is not None and room[type(offered)] else None
        fetched = self.memory[self.index] if self.index < len(self.memory) else self.fetched
        if code is not None and self.ready:
            self.memory[code[0]] = self.legal(code[1])
        begins = self.ready and start
        self.advance(start, length, sent is not None)
        if begins:
            self.poisoned = None
        elif self.poisoned is None:
            self.poisoned = poison
        self.fetched = fetched
        for unit in UNITS:
            self.under_way[unit] += (sent is unit) - ended[unit]
        self.results += (sent is Mma and offered.last) - freed

    def advance(self, start: bool, length: int, sent: bool) -> None:
        """The state machine: `sent` says that the offered instruction is taken."""
        if self.state == IDLE:
            if start:
                self.state, self.index, self.status, self.rounds = FETCH, 0, 0, []
                self.trapped = self.done = False
        elif self.state == FETCH:
            self.state = FINISH if self.index == length or self.poisoned is not None else DECODE
        elif self.state == DECODE:
            self.decide(length)
        elif self.state == DISPATCH:
            if sent:
                self.go_on()
        elif not self.results and not any(self.under_way.values()):
            self.state, self.done = IDLE, True
            if self.poisoned is not None:
                self.status = status(POISONED, self.poisoned)
            else:
                self.status = status(BAD_INSTRUCTION, self.index) if self.trapped else status(FINISHED)

    def decide(self, length: int) -> None:
        """What becomes of the instruction that has been fetched."""
        fetched, depth = self.fetched, len(self.rounds)
        end = self.rounds[-1].end if self.rounds else length
        if self.poisoned is not None:
            self.state = FINISH
        elif fetched is None or isinstance(fetched, Loop) and misplaced(fetched, self.index, end, depth):
            self.trapped, self.state = True, FINISH
        elif isinstance(fetched, Loop):
            self.index, self.state = self.index + 1, FETCH
            self.rounds.append(Round(self.index, self.index + fetched.length, fetched.count - 1, fetched, self.offsets))
        elif not isinstance(fetched, Wait):
            self.state = DISPATCH
        elif not self.under_way[Store]:
            self.go_on()

    def go_on(self) -> None:
        """Behind an instruction: to the next one, or back to where the innermost loop with rounds left begins."""
        self.index, self.state = self.index + 1, FETCH
        while self.rounds and self.index == self.rounds[-1].end:
            ended = self.rounds.pop()
            if ended.left:
                self.index = ended.begin
                self.rounds.append(ended.following)
                return

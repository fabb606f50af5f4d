"""When each instruction is handed to its unit, and when a program ends. Chapter: the sequencer and the tile mover."""

from collections.abc import Mapping

from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    POISONED,
    Instruction,
    Load,
    Mma,
    Store,
    Wait,
    decode,
    fault,
    status,
)

IDLE, FETCH, DECODE, DISPATCH, FINISH = range(5)
UNITS = (Load, Mma, Store)


class Sequencer:
    """An instruction takes 3 cycles: fetch, decode, dispatch; one that its unit's queue does not take waits.

    `done`, `status` and `poisoned`, the line whose data came marked, are registers.
    """

    def __init__(self, program_depth: int, half_steps: int):
        self.half_steps = half_steps
        self.memory: list[Instruction | None] = [None] * program_depth  # None: a word that traps
        self.state, self.index = IDLE, 0
        self.fetched: Instruction | None = None
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
        """The instruction in front of its queue, or None."""
        return self.fetched if self.state == DISPATCH else None

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
        return None if fault(instruction, self.half_steps) else instruction

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
                self.state, self.index, self.status = FETCH, 0, 0
                self.trapped = self.done = False
        elif self.state == FETCH:
            self.state = FINISH if self.index == length or self.poisoned is not None else DECODE
        elif self.state == DECODE:
            if self.poisoned is not None:
                self.state = FINISH
            elif self.fetched is None:
                self.trapped, self.state = True, FINISH
            elif not isinstance(self.fetched, Wait):
                self.state = DISPATCH
            elif not self.under_way[Store]:
                self.index, self.state = self.index + 1, FETCH
        elif self.state == DISPATCH:
            if sent:
                self.index, self.state = self.index + 1, FETCH
        elif not self.results and not any(self.under_way.values()):
            self.state, self.done = IDLE, True
            if self.poisoned is not None:
                self.status = status(POISONED, self.poisoned)
            else:
                self.status = status(BAD_INSTRUCTION, self.index) if self.trapped else status(FINISHED)

"""The host of the sequencer's bench: it writes, starts and awaits one program after the other."""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.stalls import Stalls
from zhenwu.cosim.tile.loop_bins import loop_situations
from zhenwu.cosim.tile.played_units import Program, Script, Units
from zhenwu.cosim.tile.trap_check import fits_exactly
from zhenwu.spec.isa import BAD_INSTRUCTION, INSTRUCTION_BITS, OPCODE_BITS, OPCODES, RUNNING, STATUS_VALUE, decode

ALL_BITS = (1 << INSTRUCTION_BITS) - 1


class ResetSeen(Exception):
    """The host's script starts again."""


class Host:
    """Writes, starts and awaits each program; `board` gets how each began and ended.

    `sizes` are the sequencer's arguments.
    """

    def __init__(self, pins, work: list[tuple[Program, Script]], units: Units, stalls: Stalls, coverage: Coverage,
                 sizes: dict):
        self.pins = pins
        self.work = work
        self.units = units
        self.stalls = stalls
        self.coverage = coverage
        self.depth, self.half_steps, self.formats = (sizes[name] for name in ("program_depth", "half_steps", "formats"))
        self.board = Scoreboard([])
        self.finished = False

    def run(self) -> Iterator:
        """The script, from the start again after each reset."""
        while not self.finished:
            try:
                yield from self.script()
            except ResetSeen:
                self.board.expected.clear()
                self.board.restart()
                self.pins["code"].valid.next = self.pins["start"].next = False
                while self.pins["rst"]:
                    yield self.pins["clk"].posedge

    def edge(self) -> Iterator:
        """The next clock edge."""
        yield self.pins["clk"].posedge
        if self.pins["rst"]:
            raise ResetSeen

    def script(self) -> Iterator:
        """All programs."""
        pins, before = self.pins, None
        yield from self.edge()
        for program, script in self.work:
            if program.written:
                yield from self.write(program.words)
            self.units.begin(program, script)
            pins["start"].next = True
            pins["length"].next = len(program.words)
            yield from self.edge()
            pins["start"].next = False
            yield from self.edge()
            self.compare({"status": RUNNING, "done": 0, "suppress": 0}, {})
            while not pins["done"]:
                yield from self.edge()
            at = self.units.at
            right = {"status": at.status, "done": 1, "suppress": int(at.poisoned_at is not None)}
            watched = {name: getattr(at, name) for name in ("busy", "discard_wrong", "suppress_wrong", "code_wrong")}
            self.compare(right | dict.fromkeys(watched, 0), watched)
            self.count(program, script, before)
            before = script
        self.finished = True

    def write(self, words) -> Iterator:
        """Write a program through `code`, in any order of places."""
        code = self.pins["code"]
        for index in Random(len(words)).sample(range(len(words)), len(words)):
            while next(self.stalls):
                yield from self.edge()
            code.index.next, code.word.next, code.valid.next = index, words[index], True
            yield from self.edge()
            while not code.ready:
                yield from self.edge()
            code.valid.next = False
            code.index.next, code.word.next = self.depth - 1 - index, ALL_BITS - words[index]

    def compare(self, right: dict[str, int], watched: dict[str, int]) -> None:
        """Hold the pins, and what was watched, against what is right."""
        self.board.expected.append(right)
        seen = {name: int(self.pins[name].val) for name in ("status", "done", "suppress")}
        self.board.receive(Transfer(cycle(), seen | watched))

    def count(self, program: Program, script: Script, before: Script | None) -> None:
        """The situations that a program held."""
        hit = self.coverage.hit
        bad = script.status & 0xF == BAD_INSTRUCTION
        hit("cp_after_trap", before is not None and before.status & 0xF == BAD_INSTRUCTION)
        hit("cp_same_again", not program.written)
        hit("cp_empty", len(program.words) == 0)
        hit("cp_full_memory", not bad and len(program.words) == self.depth)
        if bad:
            hit(kind_of(program.words[script.status >> STATUS_VALUE.lsb]))
        for transfer in script.transfers:
            hit("cp_exact_fit", fits_exactly(decode(transfer["word"]), self.half_steps))
        if self.units.at.poisoned_at is None:
            for name in loop_situations(program.words, script.passed, self.half_steps, self.formats):
                hit(name)


def kind_of(bad_word: int) -> str:
    """The bin of a bad word."""
    if bad_word % (1 << OPCODE_BITS) not in OPCODES:
        return "cp_unknown_opcode"
    try:
        decode(bad_word)
    except ValueError:
        return "cp_reserved_bit"
    return "cp_misfit"

"""Cosimulation of the sequencer: programs one after another, with units that the bench plays.

    host ──> code, start        [ sequencer ]        load, mma, store ──> units
         <── done, status                            dones, freed, poison <──
"""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.sink import sink
from hdl.bench.stalls import Stalls
from hdl.tile.sequencer import ports, sequencer
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile
from zhenwu.cosim.stream_bench import Bench, Outcome, check_streams
from zhenwu.cosim.tile.played_units import OPCODE, Program, Script, Units
from zhenwu.cosim.tile.random_program import bad_words, some_load, some_mma, some_store, valid_program
from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    INSTRUCTION_BITS,
    OPCODE_BITS,
    OPCODES,
    RUNNING,
    STATUS_VALUE,
    STEP_BLOCKS,
    STEP_ROWS,
    Instruction,
    Load,
    Mma,
    Wait,
    decode,
    encode,
)

ORACLE = "golden sequencer: what is handed out, and the status; isa.status for poison"
NOT_CHECKED = "start while a program runs; more than 255 instructions of one unit under way"
BINS = {
    "cp_unknown_opcode": "a word of no opcode traps, above all 0, which was never written",
    "cp_reserved_bit": "a bit that no field covers traps: a later instruction set may use it",
    "cp_misfit": "an instruction that would leave the scratchpad or the array traps",
    "cp_exact_fit": "one that just fits does not",
    "cp_trap_while_busy": "instructions before a bad one finish before the program ends",
    "cp_after_trap": "the next program runs without a reset",
    "cp_same_again": "a program may be started again without being written again",
    "cp_empty": "a program of no instructions ends at once",
    "cp_full_memory": "a program may be as long as its memory",
    "cp_unit_waits": "a full queue holds an instruction, and all after it, back",
    "cp_wait_holds": "wait holds the program until its stores are in memory",
    "cp_wait_passes": "and does not while none is under way",
    "cp_hand_out_and_end": "an instruction is handed out as one of the same unit ends: the count stays",
    "cp_result_and_freed": "an mma that makes a result is handed out as another result leaves: likewise",
    "cp_discard": "a result that a trap leaves without its store is swallowed",
    "cp_poison_in_wait": "poison ends a program that waits; nothing after the wait is handed out",
    "cp_poison_running": "poison in full flow: what is on offer goes, nothing after it",
    "cp_poison_at_end": "poison in the last load, with its load_done: the program must not finish as if all were well",
    "cp_poison_twice": "the status names the first marked line",
    "cp_poison_and_trap": "poison counts more than a trap: its load stands before the bad instruction",
}
PROGRAM_DEPTH = 16
HALF_STEPS = (8, 128)
ALL_BITS = (1 << INSTRUCTION_BITS) - 1
ALL_PROFILES = (NONE, RANDOM, BURSTS, RESET)


def run(seed: int, quick: bool = False) -> Evidence:
    """Loads in a row for the rate; programs good and bad (quick: with half of the bad words); poisoned ones."""
    coverage = Coverage(BINS)
    random = Random(seed)
    in_a_row = [Program([encode(some_load(random, HALF_STEPS[0])) for _ in range(PROGRAM_DEPTH)], speed=1)]
    parts = [check_programs(in_a_row, HALF_STEPS[0], seed, (NONE,), coverage)]
    for half_steps in HALF_STEPS[: 1 if quick else None]:
        bad = bad_words(random, half_steps)[seed % 2 :: 2] if quick else bad_words(random, half_steps)
        unharmed = programs(random, 2 if quick else 5, bad, half_steps)
        parts.append(check_programs(unharmed, half_steps, seed, ALL_PROFILES, coverage))
        poisoned = poisoned_programs(random, 2 if quick else 4, half_steps)
        parts.append(check_programs(poisoned, half_steps, seed, ALL_PROFILES, coverage))
    return merge("sequencer", *parts)


def programs(random: Random, count: int, bad: list[int], half_steps: int) -> list[Program]:
    """Good programs, one of no instructions and one that fills the memory, among some with a bad word each."""
    lengths = [0, PROGRAM_DEPTH, *(random.randrange(PROGRAM_DEPTH) for _ in range(count))]
    good = [valid_words(random, length, half_steps) for length in lengths]
    trapping = [
        [*valid_words(random, random.randrange(4), half_steps), word, *valid_words(random, 2, half_steps)]
        for word in bad
    ]
    everything = good + trapping
    random.shuffle(everything)
    pairs = [encode(each) for _ in range(8) for each in (some_mma(random, half_steps, 1), some_store(random))]
    result = [Program(pairs, speed=0.3), Program(pairs, written=False, speed=0.4), Program(pairs, speed=0.5)]
    for words in everything:
        result.append(Program(words, speed=random.choice((0.1, 0.5, 1))))
        if random.random() < 0.1:
            result.append(Program(words, written=False))
    return result


def poisoned_programs(random: Random, count: int, half_steps: int) -> list[Program]:
    """Poison in a wait for stores, in the last load, in full flow and before a bad word; good programs between."""
    result = []
    for _ in range(count):
        load, mma, store = some_load(random, half_steps), some_mma(random, half_steps, 1), some_store(random)
        waits = [load, mma, store, Wait(), *valid_program(random, 4, half_steps)]
        flows = [load, *valid_program(random, 10, half_steps)]
        result += [
            Program([encode(each) for each in waits], poison_after=3, in_wait=True),
            Program([encode(load)], poison_after=1),
            Program([encode(each) for each in flows], poison_after=1, speed=1),
            Program([encode(load), encode(mma), 0, encode(store)], poison_after=1),
            Program(valid_words(random, 3, half_steps)),
        ]
    return result


def valid_words(random: Random, length: int, half_steps: int) -> list[int]:
    """A valid program's words."""
    return [encode(instruction) for instruction in valid_program(random, length, half_steps)]


def check_programs(
    todo: list[Program], half_steps: int, seed: int, profiles: tuple[Profile, ...], coverage: Coverage
) -> Evidence:
    """Run these programs one after another."""
    scripts = [Script(program.words, half_steps) for program in todo]
    handed_out = [transfer for script in scripts for transfer in script.transfers]
    poisoned = any(program.poison_after is not None for program in todo)

    def bench(stalls) -> Bench:
        pins = ports()
        clk, rst = pins["clk"], pins["rst"]
        units = Units(pins, handed_out, coverage, seed)
        host = Host(pins, list(zip(todo, scripts, strict=True)), units, stalls("code"), coverage, half_steps)
        extra, outputs = [units.follow(), host.run()], {}
        for name, opcode in OPCODE.items():
            if poisoned:  # then the number of hand-outs depends on when it strikes
                extra.append(sink(clk, rst, pins[name], stalls(name)))
            else:
                outputs[name] = [{"word": each["word"]} for each in handed_out if each["unit"] == opcode]
        return Bench(
            sequencer(**pins, program_depth=PROGRAM_DEPTH, half_steps=half_steps), pins, outputs=outputs, extra=extra,
            done=lambda: host.finished, after=lambda: {"handed out": units.board, "program": host.board},
        )

    return check_streams(
        "sequencer", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=None if poisoned else load_rate, bound=1 / 3, profiles=profiles,
        notes=("achieved, bound: instructions a cycle, loads in a row",),
    )


def load_rate(outcome: Outcome) -> float:
    """Loads handed out per cycle."""
    return outcome.boards["load"].rate


class ResetSeen(Exception):
    """The host's script starts again."""


class Host:
    """Writes, starts and awaits each program; `board` gets how each began and ended."""

    def __init__(self, pins, work: list[tuple[Program, Script]], units: Units, stalls: Stalls, coverage: Coverage,
                 half_steps: int):
        self.pins = pins
        self.work = work
        self.units = units
        self.stalls = stalls
        self.coverage = coverage
        self.half_steps = half_steps
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
            code.index.next, code.word.next = PROGRAM_DEPTH - 1 - index, ALL_BITS - words[index]

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
        hit("cp_full_memory", not bad and len(program.words) == PROGRAM_DEPTH)
        if bad:
            hit(kind_of(program.words[script.status >> STATUS_VALUE.lsb]))
        for transfer in script.transfers:
            hit("cp_exact_fit", fits_exactly(decode(transfer["word"]), self.half_steps))


def kind_of(bad_word: int) -> str:
    """The bin of a bad word."""
    if bad_word % (1 << OPCODE_BITS) not in OPCODES:
        return "cp_unknown_opcode"
    try:
        decode(bad_word)
    except ValueError:
        return "cp_reserved_bit"
    return "cp_misfit"


def fits_exactly(instruction: Instruction, half_steps: int) -> bool:
    """Whether one step or block more would be too much."""
    match instruction:
        case Load(rows=rows, k_steps=k_steps):
            return -(-rows // STEP_ROWS) * k_steps == half_steps
        case Mma(k_blocks=k_blocks, a_step=a_step, b_step=b_step):
            return STEP_BLOCKS * max(a_step, b_step) + k_blocks == STEP_BLOCKS * half_steps
    return False

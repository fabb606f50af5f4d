"""Cosimulation of the sequencer: programs one after another, with units that the bench plays.

    host ──> code, start        [ sequencer ]        load, mma, store ──> units
         <── done, status                            dones, freed, poison <──
"""

from collections.abc import Iterator, Mapping
from random import Random

from hdl.bench.coverage import Coverage
from hdl.bench.sink import sink
from hdl.tile.sequencer import ports, sequencer
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.lockstep import PinBoard, Values
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile
from zhenwu.cosim.stream_bench import Bench, Outcome, check_streams
from zhenwu.cosim.tile.loop_bins import LOOP_BINS
from zhenwu.cosim.tile.played_units import OPCODE, Program, Script, Units
from zhenwu.cosim.tile.random_program import (
    bad_words,
    body_of,
    looped_program,
    some_load,
    some_loop,
    some_mma,
    some_store,
    valid_program,
)
from zhenwu.cosim.tile.sequencer_host import Host
from zhenwu.cycle.tile.sequencer import UNITS, Sequencer
from zhenwu.spec.isa import RESIDUAL, Instruction, Load, Loop, Wait, encode
from zhenwu.spec.mma_formats import ALL_FORMATS, FLOAT32_RESIDUAL

ORACLE = "golden sequencer: what is handed out, and the status; isa.status for poison; the cycle model: every cycle"
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
    "cp_poison_in_loop": "poison in a later round of a loop; the next program begins outside it",
    "cp_reset_in_loop": "likewise a reset",
} | LOOP_BINS
PROGRAM_DEPTH = 16
TILES = ({"half_steps": 8, "formats": ("mxfp4", "bf16")}, {"half_steps": 128, "formats": ALL_FORMATS})
ALL_PROFILES = (NONE, RANDOM, BURSTS, RESET)
Tile = dict  # the arguments of the sequencer that say what fits


def run(seed: int, quick: bool = False) -> Evidence:
    """Loads in a row for the rate; programs good and bad; poisoned ones; loops.

    Of the bad words, which all stand in the bench of `trap_check`, every second one (quick: every fourth).
    """
    return merge("sequencer", *until_one_fails(checked(seed, quick)))


def checked(seed: int, quick: bool) -> Iterator[Evidence]:
    """Each part, as it is asked for."""
    coverage = Coverage(BINS)
    random = Random(seed)
    in_a_row = [Program([encode(some_load(random, **TILES[0])) for _ in range(PROGRAM_DEPTH)], speed=1)]
    yield check_programs(in_a_row, TILES[0], seed, (NONE,), coverage)
    for tile in TILES[: 1 if quick else None]:
        every = 4 if quick else 2
        bad = bad_words(random, **tile)[seed % every :: every]
        unharmed = programs(random, 2 if quick else 5, bad, tile)
        yield check_programs(unharmed, tile, seed, ALL_PROFILES, coverage)
        poisoned = poisoned_programs(random, 2 if quick else 4, tile)
        yield check_programs(poisoned, tile, seed, ALL_PROFILES, coverage)
        looped = looped_programs(random, 20 if quick else 30, tile)
        yield check_programs(looped, tile, seed, (NONE, RANDOM, BURSTS), coverage)
        yield check_programs(long_loop(random, tile), tile, seed, (RANDOM, RESET), coverage)


def programs(random: Random, count: int, bad: list[int], tile: Tile) -> list[Program]:
    """Good programs, one of no instructions and one that fills the memory, among some with a bad word each."""
    lengths = [0, PROGRAM_DEPTH, *(random.randrange(PROGRAM_DEPTH) for _ in range(count))]
    good = [valid_words(random, length, tile) for length in lengths]
    trapping = [
        [*valid_words(random, random.randrange(4), tile), word, *valid_words(random, 2, tile)] for word in bad
    ]
    everything = good + trapping
    random.shuffle(everything)
    pairs = [encode(each) for _ in range(8) for each in (some_mma(random, **tile, last=1), some_store(random))]
    result = [Program(pairs, speed=0.3), Program(pairs, written=False, speed=0.4), Program(pairs, speed=0.5)]
    for words in everything:
        result.append(Program(words, speed=random.choice((0.1, 0.5, 1))))
        if random.random() < 0.1:
            result.append(Program(words, written=False))
    return result


def poisoned_programs(random: Random, count: int, tile: Tile) -> list[Program]:
    """Poison in a wait for stores, in the last load, in full flow and before a bad word; good programs between."""
    result = []
    for _ in range(count):
        load, mma, store = some_load(random, **tile), some_mma(random, **tile, last=1), some_store(random)
        waits = [load, mma, store, Wait(), *valid_program(random, 4, **tile)]
        flows = [load, *valid_program(random, 10, **tile)]
        loops = [load, some_loop(random, 4, 4), load, some_loop(random, 2, 3), load, Wait()]
        result += [
            Program([encode(each) for each in waits], poison_after=3, in_wait=True),
            Program([encode(load)], poison_after=1),
            Program([encode(each) for each in flows], poison_after=1, speed=1),
            Program([encode(each) for each in loops], poison_after=random.randint(3, 6), speed=1),
            Program([encode(load), encode(mma), 0, encode(store)], poison_after=1),
            Program(valid_words(random, PROGRAM_DEPTH, tile)),
        ]
    return result


def looped_programs(random: Random, count: int, tile: Tile) -> list[Program]:
    """Programs with loops, of which two in five trap in a loop or on a loop."""
    result = []
    bad = bad_words(random, **tile)
    for index in range(count):
        body = body_of(random, 3, **tile)
        kind = index % 5
        if kind == 0:  # in one loop, or in two that end together
            inner = [*body_of(random, 3, **tile), random.choice(bad), *body]
            inner = [some_loop(random, len(inner), 3), *inner]
            loops: list[Instruction | int] = inner
            if index % 2:
                loops = [some_loop(random, len(inner), 2), *inner]
        elif kind == 1:
            loops = misplaced_loops(random, body, index // 5)
        else:
            loops = looped_program(random, PROGRAM_DEPTH, **tile)
        words = [each if isinstance(each, int) else encode(each) for each in loops]
        result.append(Program(words, speed=random.choice((0.3, 1))))
        if kind < 2:  # whatever the last one left, this one goes on to its end
            result.append(Program(valid_words(random, PROGRAM_DEPTH, tile)))
    return result


def misplaced_loops(random: Random, body: list[Instruction], kind: int) -> list[Instruction]:
    """A loop that reaches too far, by one or by more, or that stands too deep."""
    length = len(body)
    further = random.choice((1, random.randint(1, 255 - length)))
    if kind % 4 == 0:
        return [*body, some_loop(random, length + 1, 2), *body]
    if kind % 4 == 1:  # beyond the program and the loop round it
        return [some_loop(random, length + 1, 2), some_loop(random, length + further, 2), *body]
    if kind % 4 == 2:
        return [some_loop(random, length + 1, 2), some_loop(random, length + 1, 2), *body, Wait(), Wait()]
    return [*(some_loop(random, length + 2 - i, random.randint(1, 2)) for i in range(3)), *body]


def long_loop(random: Random, tile: Tile) -> list[Program]:
    """A program that moves all streams and is in the middle of its loops for most of its time, behind one without."""
    residual = Load(RESIDUAL, 0, 1, 1, 0, 0, fmt=FLOAT32_RESIDUAL.code)
    operands = [Load(operand, 0, 1, 1, 0, 0) for operand in (0, 1)]
    body = [*operands, residual, some_mma(random, **tile, last=1), some_store(random)]
    inner, outer = Loop(len(body), 8, 1, 1, 1, 1, 1, 1, 1), some_loop(random, len(body) + 2, 8)
    return [
        Program(valid_words(random, PROGRAM_DEPTH, tile), speed=1),
        Program([encode(each) for each in (outer, residual, inner, *body)], speed=1),
    ]


def valid_words(random: Random, length: int, tile: Tile) -> list[int]:
    """A valid program's words."""
    return [encode(instruction) for instruction in valid_program(random, length, **tile)]


def check_programs(
    todo: list[Program], tile: Tile, seed: int, profiles: tuple[Profile, ...], coverage: Coverage
) -> Evidence:
    """Run these programs one after another."""
    scripts = [Script(program.words, **tile) for program in todo]
    handed_out = [transfer for script in scripts for transfer in script.transfers]
    poisoned = any(program.poison_after is not None for program in todo)
    sizes = {"program_depth": PROGRAM_DEPTH, **tile}

    def bench(stalls) -> Bench:
        pins = ports()
        clk, rst = pins["clk"], pins["rst"]
        units = Units(pins, handed_out, coverage, seed)
        host = Host(pins, list(zip(todo, scripts, strict=True)), units, stalls("code"), coverage, sizes)
        follower = Follower(pins, sizes)
        extra, outputs = [units.follow(), host.run(), follower.run()], {}
        for name, opcode in OPCODE.items():
            if poisoned:  # then the number of hand-outs depends on when it strikes
                extra.append(sink(clk, rst, pins[name], stalls(name)))
            else:
                outputs[name] = [{"word": each["word"]} for each in handed_out if each["unit"] == opcode]
        return Bench(
            sequencer(**pins, **sizes), pins, outputs=outputs, extra=extra, done=lambda: host.finished,
            after=lambda: {"handed out": units.board, "program": host.board, "cycle by cycle": follower.pins.board},
        )

    return check_streams(
        "sequencer", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=None if poisoned else load_rate, bound=1 / 3, profiles=profiles,
        notes=("achieved, bound: instructions a cycle, loads in a row",),
    )


class Follower:
    """The cycle model beside the hardware: the same inputs, every output compared in every cycle."""

    def __init__(self, pins: Mapping[str, object], sizes: dict):
        self.inputs = pins
        self.pins = PinBoard(pins)
        self.sizes = sizes
        self.model = Sequencer(**sizes)

    def run(self) -> Iterator:
        """Look at every edge; a reset makes the model anew, but for the program, which no reset clears."""
        while True:
            yield self.inputs["clk"].posedge
            if self.inputs["rst"]:
                program, self.model = self.model.memory, Sequencer(**self.sizes)
                self.model.memory = program
            else:
                self.pins.compare(outputs_of(self.model))
                self.step()

    def step(self) -> None:
        """One rising edge of the model."""
        pins = self.inputs
        code = pins["code"]
        word = (int(code.index.val), int(code.word.val)) if code.valid else None
        poison = int(pins["poison_address"].val) if pins["poison"] else None
        names = {unit: unit.__name__.lower() for unit in UNITS}
        room = {unit: bool(pins[name].ready) for unit, name in names.items()}
        ended = {unit: bool(pins[f"{name}_done"]) for unit, name in names.items()}
        self.model.step(word, bool(pins["start"]), int(pins["length"].val), room, ended, pins["freed"] != 0, poison)


def outputs_of(model: Sequencer) -> Values:
    """What the hardware must show in this cycle."""
    offered = model.offered
    values = {
        "code.ready": model.ready, "done": model.done, "status": model.status, "discard": model.discard,
        "suppress": model.poisoned is not None, "closing": model.closing,
    }
    for unit in UNITS:
        name = unit.__name__.lower()
        values[f"{name}.valid"] = isinstance(offered, unit)
        if isinstance(offered, unit):
            values[f"{name}.word"] = encode(offered)
    return {name: int(value) for name, value in values.items()}


def load_rate(outcome: Outcome) -> float:
    """Loads handed out per cycle."""
    return outcome.boards["load"].rate

"""Random programs for the sequencer's bench: valid instructions, and every kind of word that must trap."""

from dataclasses import replace
from random import Random

from zhenwu.spec.isa import (
    INSTRUCTION_BITS,
    OPCODE_BITS,
    OPCODES,
    STEP_BLOCKS,
    STEP_ROWS,
    Instruction,
    Load,
    Mma,
    Store,
    Wait,
    encode,
    used_bits,
)

RESULT_BUFFERS = 2  # results that may wait for their store


def some_load(random: Random, half_steps: int) -> Load:
    """A load that fits, often exactly."""
    k_steps = random.randint(1, half_steps)
    panels = half_steps // k_steps
    rows = random.choice((STEP_ROWS * panels, random.randint(1, STEP_ROWS * panels)))
    places = [random.getrandbits(width) for width in (23, 16, 23, 16)]
    return Load(random.getrandbits(1), random.getrandbits(1), rows, k_steps, *places)


def some_mma(random: Random, half_steps: int, last: int) -> Mma:
    """An mma that fits, often exactly."""
    steps = [random.randrange(half_steps) for _ in range(2)]
    room = STEP_BLOCKS * (half_steps - max(steps))
    flags = [random.getrandbits(1) for _ in range(5)]
    shape = [random.randint(1, STEP_ROWS) for _ in range(2)]
    return Mma(*flags[:3], last, *flags[3:], *shape, random.choice((room, random.randint(1, room))), *steps)


def some_store(random: Random) -> Store:
    """Any store."""
    shape = [random.randint(1, STEP_ROWS) for _ in range(2)]
    return Store(*shape, random.getrandbits(23), random.getrandbits(16))


def some_instruction(record: type, random: Random, half_steps: int) -> Instruction:
    """A valid instruction of this kind."""
    match record.__name__:
        case "Load":
            return some_load(random, half_steps)
        case "Mma":
            return some_mma(random, half_steps, random.getrandbits(1))
        case "Store":
            return some_store(random)
    return Wait()


def valid_program(random: Random, length: int, half_steps: int) -> list[Instruction]:
    """Instructions of which each store follows its result; at the end results may be left over."""
    program: list[Instruction] = []
    pending = 0
    while len(program) < length:
        draw = random.random()
        if draw < 0.35:
            program.append(some_load(random, half_steps))
        elif draw < 0.65:
            last = int(pending < RESULT_BUFFERS and random.random() < 0.7)
            program.append(some_mma(random, half_steps, last))
            pending += last
        elif draw < 0.85 and pending:
            program.append(some_store(random))
            pending -= 1
        elif draw >= 0.85:
            program.append(Wait())
    return program


def bad_words(random: Random, half_steps: int) -> list[int]:
    """A word for each opcode that is not there, each run of reserved bits and each way of not fitting."""
    words = []
    for opcode in range(1 << OPCODE_BITS):
        if opcode not in OPCODES:
            word = encode(some_instruction(random.choice((Load, Mma, Store, Wait)), random, half_steps))
            words.append(word >> OPCODE_BITS << OPCODE_BITS | opcode)
    for record, layout in OPCODES.values():
        for run in reserved_runs(used_bits(layout)):
            words.append(encode(some_instruction(record, random, half_steps)) | 1 << random.choice(run))
    return words + [encode(instruction) for instruction in misfits(random, half_steps)]


def reserved_runs(used: int) -> list[range]:
    """The runs of adjacent bits of an instruction word that `used` does not cover."""
    runs: list[range] = []
    for bit in range(INSTRUCTION_BITS):
        if not used >> bit & 1:
            if runs and runs[-1].stop == bit:
                runs[-1] = range(runs[-1].start, bit + 1)
            else:
                runs.append(range(bit, bit + 1))
    return runs


def misfits(random: Random, half_steps: int) -> list[Instruction]:
    """Instructions that decode and do not fit, each by a hair or by much."""
    load, mma = some_load(random, half_steps), some_mma(random, half_steps, 1)
    high = random.randrange(STEP_ROWS + 1, 2 * STEP_ROWS)
    step = random.randrange(half_steps)
    over = STEP_BLOCKS * (half_steps - step) + 1
    bad: list[Instruction] = [
        replace(load, rows=0),
        replace(load, k_steps=0),
        replace(load, rows=STEP_ROWS, k_steps=half_steps + 1),
        replace(load, rows=STEP_ROWS * half_steps + 1, k_steps=1),
        replace(mma, k_blocks=0),
        replace(mma, a_step=step, b_step=0, k_blocks=over),
        replace(mma, a_step=0, b_step=step, k_blocks=over),
        replace(mma, a_step=half_steps, b_step=0, k_blocks=1),
        replace(mma, a_step=0, b_step=random.randrange(half_steps, 256), k_blocks=1),
    ]
    for size in (0, STEP_ROWS + 1, high):
        bad += [replace(mma, m=size), replace(mma, n=size)]
        bad += [replace(some_store(random), m=size), replace(some_store(random), n=size)]
    return bad

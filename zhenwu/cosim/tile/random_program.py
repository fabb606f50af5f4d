"""Random programs for the benches of the sequencer: valid instructions, loops round them, and words that must trap."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    INSTRUCTION_BITS,
    LOOP_DEPTH,
    OPCODE_BITS,
    OPCODES,
    RESIDUAL,
    RESIDUAL_STEPS,
    STEP_ROWS,
    STORE_FORMATS,
    Instruction,
    Load,
    LoadFields,
    Loop,
    LoopFields,
    Mma,
    Store,
    Wait,
    encode,
    field_table,
    used_bits,
)
from zhenwu.spec.mma_formats import FLOAT32_RESIDUAL, MMA_CODES, MMA_FORMATS, OPERAND_FORMATS, STEP_WORDS, operand_codes

ADDRESS_BITS = LoadFields.element_base.width
RESULT_BUFFERS = 2  # results that may wait for their store
Formats = Sequence[str]


def some_base(random: Random) -> int:
    """An address, often close to the end of memory."""
    return random.choice((random.getrandbits(ADDRESS_BITS), (1 << ADDRESS_BITS) - random.randint(1, 9)))


def some_load(random: Random, half_steps: int, formats: Formats) -> Load:
    """A load that fits, often exactly, now and then of a residual."""
    places = [some_base(random), random.getrandbits(16), some_base(random), random.getrandbits(16)]
    half = random.getrandbits(1)
    if random.random() < 0.2:
        rows = random.choice((STEP_ROWS, random.randint(1, STEP_ROWS)))
        k_steps = random.choice((RESIDUAL_STEPS, random.randint(1, RESIDUAL_STEPS)))
        return Load(RESIDUAL, half, rows, k_steps, *places, FLOAT32_RESIDUAL.code)
    k_steps = random.randint(1, half_steps)
    panels = half_steps // k_steps
    rows = random.choice((STEP_ROWS * panels, random.randint(1, STEP_ROWS * panels)))
    fmt = random.choice(sorted(operand_codes(tuple(formats))))
    return Load(random.getrandbits(1), half, rows, k_steps, *places, fmt)


def some_mma(random: Random, half_steps: int, formats: Formats, last: int) -> Mma:
    """An mma that fits, often exactly."""
    fmt = MMA_FORMATS[random.choice(sorted(formats))]
    steps = [random.randrange(half_steps) for _ in range(2)]
    room = min(
        STEP_WORDS * (half_steps - step) // words
        for step, words in zip(steps, (fmt.a_words, fmt.b_words), strict=True)
    )
    flags = [random.getrandbits(1) for _ in range(5)]
    shape = [random.randint(1, STEP_ROWS) for _ in range(2)]
    groups = random.choice((room, random.randint(1, room)))
    return Mma(*flags[:3], last, *flags[3:], *shape, groups, *steps, fmt.code)


def some_store(random: Random) -> Store:
    """Any store."""
    shape = [random.randint(1, STEP_ROWS) for _ in range(2)]
    places = some_base(random), random.getrandbits(16)
    kind = random.randrange(len(STORE_FORMATS)), random.randrange(len(SCALE_RULES)), random.getrandbits(2)
    return Store(*shape, *places, *kind, *(random.getrandbits(1) for _ in range(4)), some_base(random))


def some_loop(random: Random, length: int, count: int) -> Loop:
    """A loop of so many instructions and rounds that moves some streams by little, some by much, some not at all."""
    table = field_table(LoopFields)
    advances = {
        name: random.choice((0, random.randrange(1, 9), random.getrandbits(field.width), (1 << field.width) - 1))
        for name, field in table.items()
        if name not in ("opcode", "length", "count")
    }
    return Loop(length, count, **advances)


def some_instruction(record: type, random: Random, half_steps: int, formats: Formats) -> Instruction:
    """A valid instruction of this kind."""
    match record.__name__:
        case "Load":
            return some_load(random, half_steps, formats)
        case "Mma":
            return some_mma(random, half_steps, formats, random.getrandbits(1))
        case "Store":
            return some_store(random)
        case "Loop":
            return some_loop(random, random.randint(1, 255), random.randint(1, 4095))
    return Wait()


def valid_program(random: Random, length: int, half_steps: int, formats: Formats) -> list[Instruction]:
    """Instructions of which each store follows its result; at the end results may be left over."""
    program: list[Instruction] = []
    pending = 0
    while len(program) < length:
        draw = random.random()
        if draw < 0.35:
            program.append(some_load(random, half_steps, formats))
        elif draw < 0.65:
            last = int(pending < RESULT_BUFFERS and random.random() < 0.7)
            program.append(some_mma(random, half_steps, formats, last))
            pending += last
        elif draw < 0.85 and pending:
            program.append(some_store(random))
            pending -= 1
        elif draw >= 0.85:
            program.append(Wait())
    return program


def body_of(random: Random, length: int, half_steps: int, formats: Formats) -> list[Instruction]:
    """As `valid_program`, 1 .. `length` instructions, but no result is left over: it may be run again and again."""
    program = valid_program(random, random.randint(1, length), half_steps, formats)
    while left_over(program) > length - len(program):
        program.pop()
    program += [some_store(random) for _ in range(left_over(program))]
    return program or [Wait()]


def left_over(program: Sequence[Instruction]) -> int:
    """Results that are made and not stored."""
    made = sum(isinstance(each, Mma) and each.last for each in program)
    return made - sum(isinstance(each, Store) for each in program)


def looped_program(random: Random, length: int, half_steps: int, formats: Formats, depth: int = 0) -> list[Instruction]:
    """A valid program of at most `length` instructions, most of them in loops, of which some end together."""
    program: list[Instruction] = []
    while (room := length - len(program)) > 0 and random.random() < (0.9 if program else 1):
        if room < 2 or depth == LOOP_DEPTH or random.random() < 0.3:
            program += body_of(random, min(room, 3), half_steps, formats)
        else:
            body = looped_program(random, random.randint(1, room - 1), half_steps, formats, depth + 1)
            program += [some_loop(random, len(body), random.choice((1, 2, 3, 4))), *body]
    return program


def bad_words(random: Random, half_steps: int, formats: Formats) -> list[int]:
    """A word for each opcode that is not there, each run of reserved bits and each way of not fitting."""
    words = []
    for opcode in range(1 << OPCODE_BITS):
        if opcode not in OPCODES:
            record = random.choice((Load, Mma, Store, Wait, Loop))
            word = encode(some_instruction(record, random, half_steps, formats))
            words.append(word >> OPCODE_BITS << OPCODE_BITS | opcode)
    for record, layout in OPCODES.values():
        for run in reserved_runs(used_bits(layout)):
            words.append(encode(some_instruction(record, random, half_steps, formats)) | 1 << random.choice(run))
    return words + [encode(instruction) for instruction in misfits(random, half_steps, formats)]


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


def misfits(random: Random, half_steps: int, formats: Formats) -> list[Instruction]:
    """Instructions that decode and do not fit, each by a hair or by much."""
    operand = Load(0, 1, STEP_ROWS, 1, 0, 1, fmt=min(operand_codes(tuple(formats))))
    residual = Load(RESIDUAL, 0, STEP_ROWS, RESIDUAL_STEPS, 0, 1, fmt=FLOAT32_RESIDUAL.code)
    loop, store = some_loop(random, 1, 1), some_store(random)
    bad: list[Instruction] = [
        *(replace(each, rows=0) for each in (operand, residual)),
        *(replace(each, k_steps=0) for each in (operand, residual)),
        replace(operand, k_steps=half_steps + 1),
        replace(operand, rows=STEP_ROWS * half_steps + 1),
        replace(residual, rows=STEP_ROWS + 1),
        replace(residual, k_steps=RESIDUAL_STEPS + 1),
        replace(operand, operand=RESIDUAL + 1),
        *(replace(residual, fmt=code) for code in OPERAND_FORMATS if code != FLOAT32_RESIDUAL.code),
        *(replace(operand, fmt=code) for code in OPERAND_FORMATS if code not in operand_codes(tuple(formats))),
        replace(store, fmt=len(STORE_FORMATS)),
        replace(store, rule=len(SCALE_RULES)),
        replace(loop, length=0),
        replace(loop, count=0),
    ]
    for mma in (some_mma(random, half_steps, [name], 1) for name in formats):
        bad += mma_misfits(random, mma, half_steps)
        bad += [replace(mma, fmt=code) for code, fmt in MMA_CODES.items() if fmt.name not in formats]
    for size in (0, STEP_ROWS + 1, random.randrange(STEP_ROWS + 1, 2 * STEP_ROWS)):
        bad += [replace(mma, m=size), replace(mma, n=size), replace(store, m=size), replace(store, n=size)]
    return bad


def mma_misfits(random: Random, mma: Mma, half_steps: int) -> list[Mma]:
    """An mma that multiplies nothing, or reaches beyond its half."""
    fmt = MMA_CODES[mma.fmt]
    step = random.randrange(half_steps)
    a_over, b_over = (STEP_WORDS * (half_steps - step) // words + 1 for words in (fmt.a_words, fmt.b_words))
    return [
        replace(mma, k_groups=0),
        replace(mma, a_step=step, b_step=0, k_groups=a_over),
        replace(mma, a_step=0, b_step=step, k_groups=b_over),
        replace(mma, a_step=half_steps, b_step=0, k_groups=1),
        replace(mma, a_step=0, b_step=random.randrange(half_steps, 256), k_groups=1),
    ]

"""Programs that must end badly, and what may be in memory afterwards."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import PLAIN, Wanted, lines_of, matmul_job
from zhenwu.cosim.tile.tile_bench import COLS, ROWS
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.tile import tile as golden
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    LOOP_DEPTH,
    OPCODE_BITS,
    OPCODES,
    POISONED,
    RESIDUAL,
    STORE_FORMATS,
    WAIT,
    Load,
    Loop,
    Mma,
    Store,
    Wait,
    decode,
    encode,
    status,
)
from zhenwu.spec.mma_formats import ALL_FORMATS, BF16_MMA, FLOAT32_RESIDUAL, MXFP4_OPERAND, MXFP8_MMA
from zhenwu.spec.tile import SLICE_FORMATS

SIZE = (7, 24, 40)  # two results, one after the other: load, load, mma, store, mma, store, wait
NO_WORDS = {  # and where they stand
    "nothing": (0, 0),
    "no opcode": (3, max(OPCODES) + 1),
    "a reserved bit": (5, WAIT | 1 << OPCODE_BITS),
    "all bits": (6, (1 << 128) - 1),
}
LOOP = encode(Loop(length=1, count=2))


def bad_jobs(half_steps: int) -> list[Job]:
    """On a tile of MXFP4: bad instructions at several places, and a poisoned line in either operand."""
    good = good_job(half_steps, "before the trap")
    words = good.programs[0]
    mma, store = decode(words[4]), decode(words[5])
    nest = [encode(Loop(length=left, count=1)) for left in range(LOOP_DEPTH + 1, 0, -1)] + [encode(Wait())]
    bad = {name: (place, [word]) for name, (place, word) in NO_WORDS.items()} | {
        "a product in a format that is not built in": (4, [encode(replace(mma, fmt=BF16_MMA.code))]),
        "an operand in a format that is not built in": (1, [encode(replace(decode(words[1]), fmt=MXFP8_MMA.b.code))]),
        "a store in no format": (5, [encode(replace(store, fmt=len(STORE_FORMATS)))]),
        "a store by no rule": (3, [encode(replace(decode(words[3]), rule=len(SCALE_RULES)))]),
        "a loop of nothing": (4, [encode(Loop(length=1, count=0))]),
        "a loop beyond the end": (6, [LOOP]),
        "a loop too deep": (4, nest),
        "a loop beyond the one round it": (4, [LOOP, LOOP, encode(Wait())]),
    }
    jobs = [trapping(good, name, *case, half_steps, SLICE_FORMATS) for name, case in bad.items()]
    jobs += [poisoned(good, line) for line in (0, max(good.image))]
    return [*jobs, replace(good, name="after the traps")]


def bad_format_jobs(half_steps: int) -> list[Job]:
    """On a tile of all formats: MXFP8 beyond a half, and what breaks off between the parts of a quantised result."""
    m, n, _ = SIZE
    residual = np.random.default_rng(1).standard_normal((m, n), np.float32)
    wanted = Wanted(MXFP8_MMA, MXFP4_OPERAND, SCALE_RULES[1], residual)
    good = good_job(half_steps, "before the trap", wanted)
    program = [decode(word) for word in good.programs[0]]
    first, second = (index for index, each in enumerate(program) if isinstance(each, Mma))
    closing = next(index for index, each in enumerate(program) if isinstance(each, Store) and each.closes)
    added = next(index for index, each in enumerate(program) if isinstance(each, Load) and each.operand == RESIDUAL)
    last_step = replace(program[second], a_step=half_steps - 1, b_step=0, k_groups=2)
    bad = {
        "MXFP8 beyond a half": (second, [encode(last_step)]),
        "no groups": (first, [encode(replace(program[first], k_groups=0))]),
        "a residual as an operand": (0, [encode(replace(program[0], fmt=FLOAT32_RESIDUAL.code))]),
        "a residual of 17 rows": (added, [encode(replace(program[added], rows=17))]),
        "a matrix that nothing closes": (closing, [0]),
    }
    jobs = [trapping(good, name, *case, half_steps, ALL_FORMATS) for name, case in bad.items()]
    jobs += [poisoned(good, line) for line in (0, program[added].element_base)]
    return [*jobs, replace(good, name="after the traps")]


def good_job(half_steps: int, name: str, wanted: Wanted = PLAIN) -> Job:
    """A product of SIZE that ends well."""
    m, n, k = SIZE
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((rows, k), np.float32) for rows in (m, n))
    sizes = {"rows": ROWS, "cols": COLS, "half_steps": half_steps, "program_depth": 64}
    return matmul_job(name, a, b, **sizes, wanted=wanted)


def trapping(
    good: Job, name: str, place: int, bad: Sequence[int], half_steps: int, formats: tuple[str, ...]
) -> Job:
    """The program with bad words at `place`; what was stored before them comes from the golden tile."""
    words = list(good.programs[0])
    words[place : place + 1] = bad
    before = np.zeros((1 + max(max(good.image), max(good.written)), LINE_BYTES), np.uint8)
    for line, value in good.image.items():
        before[line] = np.frombuffer(value.to_bytes(LINE_BYTES, "little"), np.uint8)
    after, end = golden(words, before, ROWS, COLS, half_steps, formats=formats)
    changed = {line: value for line, value in lines_of(after).items() if value != good.image.get(line, 0)}
    return replace(good, name=f"{name} at {place}", programs=[words], statuses=[end], written=changed)


def poisoned(good: Job, line: int) -> Job:
    """One line comes back marked that is read before the first store can begin: nothing is stored."""
    end = status(POISONED, line)
    return replace(good, name=f"poison at {line}", statuses=[end], written={}, poisoned=frozenset({line}))

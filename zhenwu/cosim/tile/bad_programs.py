"""Programs that must end badly, and what may be in memory afterwards."""

from dataclasses import replace

import numpy as np

from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import lines_of, matmul_job
from zhenwu.cosim.tile.tile_bench import COLS, ROWS
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.tile import tile as golden
from zhenwu.spec.isa import OPCODE_BITS, POISONED, WAIT, status

SIZE = (16, 24, 96)  # two results, one after the other
BAD_WORDS = (0, 5, WAIT | 1 << OPCODE_BITS, (1 << 128) - 1)  # nothing, no opcode, a reserved bit, all of it


def bad_jobs(half_steps: int) -> list[Job]:
    """A bad instruction at several places, and a poisoned line in either operand."""
    m, n, k = SIZE
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((rows, k), np.float32) for rows in (m, n))
    good = matmul_job("before the trap", a, b, rows=ROWS, cols=COLS, half_steps=half_steps, program_depth=64)
    jobs = [trapping(good, place, word, half_steps) for place, word in zip((0, 3, 5, 6), BAD_WORDS, strict=True)]
    jobs += [poisoned(good, line) for line in (0, max(good.image))]
    return [*jobs, replace(good, name="after the traps")]


def trapping(good: Job, place: int, word: int, half_steps: int) -> Job:
    """The program with a bad word at `place`; what was stored before it comes from the golden tile."""
    words = list(good.programs[0])
    words[place : place + 1] = [word]
    lines = good.result.base + good.result.rows * good.result.stride
    before = np.zeros((lines, LINE_BYTES), np.uint8)
    for line, value in good.image.items():
        before[line] = np.frombuffer(value.to_bytes(LINE_BYTES, "little"), np.uint8)
    after, end = golden(words, before, ROWS, COLS, half_steps)
    changed = {line: value for line, value in lines_of(after[good.result.base :], good.result.base).items() if value}
    return replace(good, name=f"bad word at {place}", programs=[words], statuses=[end], written=changed)


def poisoned(good: Job, line: int) -> Job:
    """One line of an operand comes back marked: the load that reads it is the first of all, so nothing is stored."""
    end = status(POISONED, line)
    return replace(good, name=f"poison at {line}", statuses=[end], written={}, poisoned=frozenset({line}))

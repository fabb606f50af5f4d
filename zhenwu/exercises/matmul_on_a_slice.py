"""Exercises of the chapter "A slice that runs a matmul"."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import Any

from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import live_exercise, planted, seeds
from zhenwu.golden.tile import bound, compile_matmul, layout
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.tile import SIM_TILE

ROWS = COLS = 4  # dot units of the chapter's array
ARRAY = ("busy", "starved", "blocked", "draining")
SHAPES = ((1, 64, 128), (64, 64, 128), (17, 19, 37), (1, 1, 1), (5, 64, 100), (33, 8, 64))


def moved(m: int, n: int, k: int) -> int:
    """The lines that the compiler's own program moves."""
    (program,) = compile_matmul.compile_matmul(*layout.plan(m, n, k), int(SIM_TILE.half_steps.value))
    return bound.lines_moved(program)


def four_bits(m: int, n: int, k: int) -> tuple[int, int]:
    """Lines, and the least CK, of a product whose result leaves with codes and scales like an operand's."""
    a, b, _ = layout.plan(m, n, k)
    _, c, _ = layout.plan(1, m, n)  # C as an operand of the next product: m rows, and its own k is n
    lines = sum((each.rows + each.panels) * each.steps for each in (a, b, c))
    return lines, max(lines * int(HBM3_6400.nBL), array_cycles(m, n, k))


def array_cycles(m: int, n: int, k: int) -> int:
    """Cycles in which the array is busy."""
    return -(-k // BLOCK_SIZE) * -(-m // ROWS) * -(-n // COLS)


def shapes(rng: random.Random) -> list[tuple[int, int, int]]:
    """Ragged shapes, most with a k that is no multiple of a block, whose operands fit a half of the scratchpad."""
    return [(rng.randint(1, 60), rng.randint(1, 60), rng.randint(1, 128)) for _ in range(20)]


def both_limits(rng: random.Random) -> list[tuple[int, int, int]]:
    """Shapes of which some are limited by DQ and some by the array."""
    cases = shapes(rng)
    while len(cases) < 26:
        shape = rng.randint(33, 60), rng.randint(33, 60), rng.randint(65, 128)
        if four_bits(*shape)[1] == array_cycles(*shape):
            cases.append(shape)
    return cases


def mostly(activity: Sequence[str], begins: int, ends: int) -> str:
    """The commonest word from `begins` up to, not including, `ends`."""
    return Counter(activity[begins:ends]).most_common(1)[0][0]


def activities(rng: random.Random, count: int = 12) -> list[tuple[list[str], int, int]]:
    """Stretches of one word after another: within the window one is commonest, outside another."""
    cases = []
    for _ in range(count):
        inside, outside, *others = rng.sample(ARRAY, len(ARRAY))
        within = [inside] * rng.randint(6, 9) + [outside] * rng.randint(2, 5) + others * rng.randint(1, 2)
        before = list(repeat(outside, rng.randint(10, 20)))
        rng.shuffle(within)
        cases.append((before + within + before, len(before), len(before) + len(within)))
    return cases + [each for _ in range(4) for each in decided_at_a_border(rng)]


def decided_at_a_border(rng: random.Random) -> list[tuple[list[str], int, int]]:
    """Windows whose commonest word leads by one, at their first CK and at their last; the other word has the longest
    stretch and stands on both sides of the window."""
    inside, outside, *others = rng.sample(ARRAY, len(ARRAY))
    times, around = rng.randint(4, 7), [outside] * rng.randint(1, 3)
    mixed = [word for turn in range(times) for word in (others[turn % 2], inside)]
    first, last = [inside, *[outside] * times, *mixed, others[0]], [*[outside] * times, *mixed, others[0], inside]
    return [(around + each + around, len(around), len(around) + len(each)) for each in (first, last)]


def for_shape(sentence: str) -> Any:
    """A hint that begins with the shape on which an answer failed."""
    return lambda case, returned: "for m = {}, n = {}, k = {}: ".format(*case) + sentence


EXERCISES = (
    Exercise(
        "ex-fourbits", "Four bits on the way out", "with_four_bits", four_bits,
        shown=[(16, 64, 64), (4, 128, 32), (64, 64, 128)], hidden=both_limits,
        hint=for_shape("C has the rows of A, and along n it is cut like an operand along k; time is the larger need"),
    ),
    Exercise(
        "ex-who", "Who waits?", "mostly", mostly,
        shown=activities(random.Random(1), 2), hidden=activities,
        hint="count the words from the first CK of the window to its last, all of them and nothing outside",
    ),
    Exercise(
        "ex-lines", "The lines of a shape", "moved", moved,
        shown=SHAPES, hidden=shapes,
        hint=for_shape("a row that is not full still takes whole lines, and scales come by panels of rows"),
    ),
    live_exercise(
        "ex-stores", "Stores go first", "arbiter_stores_first", "arbiter_stores_first",
        "a command that stands must not give way, and a side that is alone must not wait",
        planted("hdl/stream/arbiter.py"), seeds,
    ),
)

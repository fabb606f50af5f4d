"""Exercises of the chapter "The sequencer and the tile mover"."""

import random
from typing import Any

from zhenwu.cycle.tile.scratchpad import Scratchpad
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import live_exercise, planted, seeds
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.sequencer import ADDRESSES, unroll
from zhenwu.spec.isa import STEP_ROWS, Load, Loop
from zhenwu.spec.mma_formats import BF16_OPERAND

STUB = "# your line"
HALF_STEPS = 8
Times = tuple[int, int]  # rounds of a loop, and by how many lines it advances


def under_way(latency: int, cycles_per_line: int) -> int:
    """The fewest reads under way with which our mover waits for nothing but the memory's rate."""
    return -(-(latency + 1) // cycles_per_line)  # an answer's place is free in the cycle after it


def memories(rng: random.Random) -> list[Times]:
    """Latencies and rates, of which some divide the time and some do not."""
    return [(rng.randint(2, 120), rng.randint(1, 5)) for _ in range(20)]


def addresses(base: int, outer: Times, inner: Times) -> list[int]:
    """The lines that a load asks for first, in each round of a loop in a loop."""
    load = Load(0, 0, 1, 1, base, 0)
    loops = [Loop(length, count, a_elements=advance) for length, (count, advance) in ((2, outer), (1, inner))]
    return [passed.instruction.element_base for passed in unroll([*loops, load], HALF_STEPS)]


def nests(rng: random.Random) -> list[tuple[int, Times, Times]]:
    """Loops in loops, some of a single round, some round the end of memory."""
    cases = []
    for turn in range(12):
        base = ADDRESSES - rng.randint(1, 40) if turn % 4 == 0 else rng.randrange(ADDRESSES // 2)
        outer, inner = ((rng.randint(1, 4), rng.randint(0, 300)) for _ in range(2))
        cases.append((base, outer, inner))
    return cases


def waits(rows: int, k_steps: int, banks: int) -> int:
    """Lines of a panel in BF16 that wait, as they come one after another, because the one before has their bank."""
    pad, waiting = Scratchpad(banks, banks), 0
    for line in mover(Load(0, 0, rows, k_steps, 0, k_steps, fmt=BF16_OPERAND.code), HALF_STEPS):
        if not pad.takes(line):
            waiting += 1
            pad.step(None, 0, 0, False)  # a cycle passes
        pad.step(line, 0, 0, False)
    return waiting


def panels(rng: random.Random) -> list[tuple[int, int, int]]:
    """Panels of all heights on two, four and eight banks; every other one meets."""
    cases = []
    for turn in range(16):
        banks = rng.choice((2, 4, 8))
        rows = rng.randrange(1, STEP_ROWS + 1, banks) if turn % 2 else rng.randint(1, STEP_ROWS)
        cases.append((rows, rng.randint(1, HALF_STEPS), banks))
    of_other_banks = [(rows, rng.randint(2, HALF_STEPS), banks) for rows, banks in ((3, 2), (5, 8))]  # four: otherwise
    return cases + of_other_banks


def is_the_stub(answer: Any) -> bool:
    return isinstance(answer, str) and answer.count(STUB) == 3


EXERCISES = (
    live_exercise(
        "trap_check_bug", "Find the bug in the check", "trap_check_bug", "trap_check",
        "how many panels has a load whose last one is ragged?",
        planted("hdl/tile/trap_check.py", ("(int(rows) + STEP_ROWS - 1) // STEP_ROWS", "int(rows) // STEP_ROWS")),
        seeds,
    ),
    Exercise(
        "ex-outstanding", "Reads under way", "under_way", under_way,
        shown=[(32, 1), (32, 2), (9, 5)], hidden=memories,
        hint="how many cycles lie between two reads that take the same place, and how many lines can come in them?",
    ),
    Exercise(
        "ex-rounds", "Rounds of rounds", "addresses", addresses,
        shown=[(100, (2, 10), (3, 1)), (7, (1, 5), (2, 0)), (ADDRESSES - 2, (2, 3), (2, 1))], hidden=nests,
        hint="which rounds come first, what does an inner loop begin with, and what lies behind the end of memory?",
    ),
    Exercise(
        "ex-banks", "Lines that meet", "waits", waits,
        shown=[(1, 8, 4), (5, 3, 4), (4, 2, 4), (16, 8, 8)], hidden=panels,
        hint="rows come one after another: which bank has the last row of a step, and which the first of the next?",
    ),
    live_exercise(
        "ex-walk", "Where the next line lies", "mover_write", "mover",
        "which base does a row, a step, and a panel begin at?", is_the_stub, seeds,
    ),
)

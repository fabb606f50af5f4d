"""Exercises of the chapter "The array and its utilisation"."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from zhenwu.cycle.tile.counters import activity
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import Sizes, live_exercise
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.perf.tile import batch_for_full_array
from zhenwu.spec.isa import STEP_ROWS, Load, Mma
from zhenwu.spec.mma_formats import MMA_FORMATS
from zhenwu.spec.tile import SIM_TILE, TILE

SIDES = (2, 4, 8)
MOST_ROWS = 64  # of a batch that is tried
STUB = "pause.next = 0  # your lines"


def steps(m: int, n: int, k: int, fmt: str, rows: int, cols: int) -> int:
    """The steps of the compiler's own program."""
    (program,) = compile_matmul(*plan(m, n, k, fmt=MMA_FORMATS[fmt]), int(SIM_TILE.half_steps))
    return mma_cycles(program, rows, cols)


def products(rng: random.Random) -> list[tuple[int, int, int, str, int, int]]:
    """Ragged shapes in every format, on arrays of all sizes."""
    return [
        (rng.randint(1, 40), rng.randint(1, 40), rng.randint(1, 128), fmt, rng.choice(SIDES), rng.choice(SIDES))
        for fmt in [*MMA_FORMATS] * 5
    ]


def slowest(a_panels: int, b_panels: int, rows: int, cols: int) -> int:
    """The cycles that memory may take for a line, from a program of so many panels and its loads and mmas."""
    product = plan(STEP_ROWS * a_panels, STEP_ROWS * b_panels, int(TILE.step_k), fmt=MMA_FORMATS["mxfp4"])
    (program,) = compile_matmul(*product, max(a_panels, b_panels))
    loads = [each for each in program if isinstance(each, Load)]
    mmas = [each for each in program if isinstance(each, Mma)]
    return mma_cycles(mmas, rows, cols) // lines_moved(loads)


def panels(rng: random.Random) -> list[tuple[int, int, int, int]]:
    """Few panels and many, on arrays of all sizes."""
    return [(rng.randint(1, 8), rng.randint(1, 8), rng.choice(SIDES), rng.choice(SIDES)) for _ in range(20)]


def tally(busy: Sequence[int], blocked: Sequence[int], draining: Sequence[int]) -> list[int]:
    """The cycles of each kind, as the cycle model's counters take them."""
    found = Counter(activity(*map(bool, each)) for each in zip(busy, blocked, draining, strict=True))
    return [found[kind] for kind in ("busy", "starved", "blocked", "draining")]


def programs(rng: random.Random) -> list[tuple[list[int], list[int], list[int]]]:
    """Programs of some hundred cycles, in which several bits are often set at once."""
    cases = []
    for _ in range(8):
        length = rng.randint(100, 300)
        cases.append(tuple([int(rng.random() < often) for _ in range(length)] for often in (0.6, 0.4, 0.3)))
    return cases


def rows_wanted(n: int, k: int, side: int, cycles_per_line: int) -> int:
    """The fewest rows of which the array and not memory is the bound, 0 where no batch up to MOST_ROWS does it."""
    try:
        return batch_for_full_array(
            n, k, "mxfp4", side, side, most=MOST_ROWS, cycles_per_line=cycles_per_line, program_depth=1024
        ).rows
    except ValueError:
        return 0


def batches(rng: random.Random) -> list[tuple[int, int, int, int]]:
    """Layers that fit in a half, on memories of which some are too slow for any batch."""
    return [
        (16 * rng.randint(4, 8), 32 * rng.randint(2, 4), rng.choice(SIDES[:2]), rng.randint(1, 3)) for _ in range(12)
    ]


def latencies(rng: random.Random) -> list[Sizes]:
    """Other adders, and other mmas."""
    return [{"latency": latency, "seed": rng.randrange(1 << 30)} for latency in (1, 2, 3, 4)]


def is_the_stub(answer: Any) -> bool:
    return isinstance(answer, str) and STUB in answer


EXERCISES = (
    Exercise(
        "ex-steps", "Count the steps", "steps", steps,
        shown=[(16, 16, 64, "mxfp4", 4, 4), (20, 40, 100, "mxfp8", 8, 8), (1, 16, 64, "bf16", 2, 4)], hidden=products,
        hint="a sub-tile that is not full takes its steps all the same, and so does a group that is not",
    ),
    Exercise(
        "ex-slowest", "The slowest memory", "slowest", slowest,
        shown=[(1, 1, 2, 2), (1, 1, 4, 4), (4, 4, 4, 4)], hidden=panels,
        hint="which lines bring a k-step for one panel, its scales among them, and with how many panels of the "
             "other operand does each panel meet?",
    ),
    Exercise(
        "ex-kinds", "Who made it wait?", "tally", tally,
        shown=[([0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]), ([1, 0, 0], [1, 1, 0], [1, 1, 1]), ([0], [0], [0])],
        hidden=programs,
        hint="each cycle counts once; which kind comes first where several bits are set, and which has no bit?",
    ),
    Exercise(
        "ex-rows", "How many rows?", "rows_wanted", rows_wanted,
        shown=[(128, 128, 4, 1), (64, 128, 2, 2), (128, 128, 4, 3)], hidden=batches,
        hint="C crosses the port too; rows that the array has anyhow cost it nothing, but they cost lines",
    ),
    live_exercise(
        "ex-pause", "Wait for the adder", "mma_issue_write", "mma_issue",
        "how long does a group keep the array at work, second passes included?", is_the_stub, latencies,
    ),
)

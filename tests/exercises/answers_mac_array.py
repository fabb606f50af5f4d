"""Right and wrong answers to the exercises of "The array and its utilisation", for `tests/exercises/answers.py`."""

import math
from collections.abc import Sequence
from typing import Any

from tests.exercises.converted import live_cells


def issue(*lines: str) -> str:
    """The page's issue with these lines in the place of the reader's."""
    (_, given), mark = live_cells("mac_array")["mma_issue_write"], "pause.next = 0  # your lines\n"
    assert given.count(mark) == 1
    return given.replace(mark, f"\n{' ' * 12}".join(lines) + "\n")


def fewest_rows(n: int, k: int, side: int, cycles_per_line: int) -> int:
    for m in range(1, 65):
        steps = math.ceil(m / side) * math.ceil(n / side) * math.ceil(k / 32)
        rows = m + n + math.ceil(m / 16) + math.ceil(n / 16)
        if steps >= cycles_per_line * (rows * math.ceil(k / 64) + m * math.ceil(n / 8)):
            return m
    return 0


def tallied(busy: Sequence[int], blocked: Sequence[int], draining: Sequence[int]) -> tuple[int, ...]:
    first = ["busy" if a else "blocked" if b else "draining" if c else "starved" for a, b, c in zip(
        busy, blocked, draining, strict=True)]
    return tuple(map(first.count, ("busy", "starved", "blocked", "draining")))


RIGHT: dict[str, Any] = {
    "ex-kinds": tallied,
    "ex-steps": lambda m, n, k, fmt, rows, cols: (
        math.ceil(m / rows) * math.ceil(n / cols) * math.ceil(k / (8 if fmt == "bf16" else 32))
        * (2 if "8" in fmt else 1)
    ),
    "ex-slowest": lambda a, b, rows, cols: int(2 * a * b * 256 / (rows * cols) / (17 * (a + b))),
    "ex-rows": fewest_rows,
    "ex-pause": issue(
        "passes = 2 if fmt in (MXFP8, W4A8) else 1", "group = group * passes", "pause.next = max(0, latency - group)"
    ),
}
WRONG: dict[str, Any] = {
    "ex-kinds": lambda busy, blocked, draining: (sum(busy), len(busy) - sum(map(max, busy, blocked, draining)),
                                                 sum(blocked), sum(draining)),  # some cycles twice
    "ex-steps": lambda m, n, k, fmt, rows, cols: math.ceil(m * n / (rows * cols)) * math.ceil(k / 32),  # all at once
    "ex-slowest": lambda a, b, rows, cols: 2 * a * b * 256 // (rows * cols) // (16 * (a + b)),  # no scales
    "ex-rows": lambda n, k, side, cycles_per_line: fewest_rows(n, k, side, 1),  # whatever the memory
    "ex-pause": issue("if group < latency:", "    pause.next = latency - group", "else:", "    pause.next = 0"),
}

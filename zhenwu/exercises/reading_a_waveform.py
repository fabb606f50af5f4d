"""Exercises of the appendix "Reading a waveform": who waits, who gets through, and a bug that shows in one cycle."""

import random
from collections.abc import Sequence

from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import live_exercise, planted, seeds

Bits = Sequence[int]


def held_up(first_valid: Bits, second_valid: Bits, dst_ready: Bits) -> list[int]:
    """The cycles in which a side wants to go and the port does not take."""
    rows = zip(first_valid, second_valid, dst_ready, strict=True)
    return [cycle for cycle, (first, second, ready) in enumerate(rows) if (first or second) and not ready]


def transfers(valid: Bits, ready: Bits) -> int:
    """Cycles in which both are high."""
    return sum(one and other for one, other in zip(valid, ready, strict=True))


def bits(rng: random.Random, rows: int, count: int = 10) -> list[tuple[list[int], ...]]:
    """Waveforms of so many wires, each of a length of its own, with wires that are often and seldom high."""
    return [
        tuple([int(rng.random() < share) for _ in range(length)] for share in rng.choices((0.2, 0.5, 0.8), k=rows))
        for length in (rng.randint(8, 40) for _ in range(count))
    ]


EXERCISES = (
    Exercise(
        "ex-blame", "Who is to blame?", "held_up", held_up,
        shown=[([1, 1, 1, 0, 1], [0, 1, 1, 0, 0], [1, 0, 1, 0, 1]), ([0, 1], [0, 0], [0, 0])],
        hidden=lambda rng: bits(rng, 3),
        hint="a cycle counts if some side offers and the port takes nothing; if nobody offers, nobody is held up",
    ),
    Exercise(
        "ex-through", "Who gets through?", "transfers", transfers,
        shown=[([1, 1, 0, 1], [1, 0, 1, 1]), ([0, 1, 1], [0, 0, 0])],
        hidden=lambda rng: bits(rng, 2),
        hint="a dot on the waveform marks a transfer: what do the two wires show there?",
    ),
    live_exercise(
        "arbiter_bug", "Find the bug in the arbiter", "arbiter_bug", "arbiter",
        "who had the port in the step before, and was its command taken?",
        planted("hdl/stream/arbiter.py", ("standing.next = not dst.ready", "standing.next = dst.ready")), seeds,
    ),
)

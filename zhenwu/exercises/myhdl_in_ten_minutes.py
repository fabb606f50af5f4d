"""Exercises of the appendix "MyHDL in ten minutes": a bug in a counter, and two lines of a queue."""

import random

from zhenwu.exercises.played import Sizes, live_exercise, planted, seeds


def intervals(rng: random.Random) -> list[Sizes]:
    """Other intervals, and other beginnings."""
    lengths = rng.sample(range(8, 30), 3)
    return [{"interval": length, "start": rng.randint(1, length)} for length in lengths]


def depths(rng: random.Random) -> list[Sizes]:
    """Other depths of the queue, with other payloads and stalls."""
    return [{"depth": depth} | seed for depth, seed in zip(rng.sample(range(2, 10), 3), seeds(rng), strict=True)]


EXERCISES = (
    live_exercise(
        "refresher_bug", "Find the bug in the refresher", "refresher_bug", "refresher",
        "count the cycles from one call to the next",
        planted("hdl/hbm/refresher.py", ("count.next = interval - 1", "count.next = interval - 2")), intervals,
    ),
    live_exercise(
        "fifo_write", "Write the queue's two lines", "fifo_write", "fifo",
        "when is a queue of this depth full, and when is it empty?",
        planted("hdl/stream/fifo.py", ("= level < depth", "= level < 0"), ("= level > 0", "= level < 0")), depths,
    ),
)

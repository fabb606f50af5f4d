"""Which runs there are: a design, a seed, whether resets come inside, and how many cycles."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from hdl.harness.lfsr import DRAW_BITS

STRIDE = 1000  # cycles from one look at the signature to the next
CYCLES = {"controller": 10_000_000, "tile": 2_000_000, "slice": 1_000_000}  # all runs of a design together
RUN_CYCLES = {"controller": 500_000, "tile": 200_000, "slice": 100_000}  # of one, at most
LEAST = 10 * STRIDE  # of a design in a short plan


class Run(NamedTuple):
    """One run, from reset on."""

    design: str
    number: int  # within the design, from 0
    seed: int
    restless: bool  # resets come inside now and then
    cycles: int

    @property
    def name(self) -> str:
        """How it is noted and printed."""
        return f"{self.design} {self.number}"


def plan(designs: Sequence[str], cycles: int | None, seed: int) -> list[Run]:
    """The runs, the designs in turns; without `cycles` the full number, else so many of the first design and the other
    ones in proportion.

    Every second run is restless. The seeds follow from `seed`, design and number.
    """
    runs = []
    for design in designs:
        wanted = CYCLES[design]
        if cycles is not None:
            wanted = max(LEAST, wanted * cycles // CYCLES[designs[0]])
        count = max(2, -(-wanted // RUN_CYCLES[design]))
        each = -(-wanted // count // STRIDE) * STRIDE
        runs += [Run(design, number, run_seed(seed, design, number), number % 2 == 1, each) for number in range(count)]
    return sorted(runs, key=lambda run: (run.number / CYCLES[run.design] * RUN_CYCLES[run.design], run.design))


def run_seed(seed: int, design: str, number: int) -> int:
    """A seed of the harness, drawn from the one that the user gave."""
    digest = hashlib.sha256(f"{seed} {design} {number}".encode()).digest()
    return int.from_bytes(digest[:4], "little") % (1 << DRAW_BITS)

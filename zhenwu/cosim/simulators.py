"""The committed table of the four simulators, `zhenwu/data/simulators.json`: what `make xcheck` found once.

    [{"block": "fifo", "backend": "Verilator", "cycles": 4000, "mismatches": 0, "cycles_per_s": 1e6, "ratio": 300}]

`ratio` is the speed as a multiple of MyHDL's on the same block and machine. Speeds are those of one machine on one day,
so a fresh run must give the same counts, and ratios within BOUND. A row with `"placeholder": true` was not measured.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

BACKENDS = ("MyHDL", "Icarus", "Verilator", "CXXRTL")
BOUND = 4.0  # the factor by which a ratio may be off elsewhere: caches, compilers and neighbours differ
FILE = "simulators.json"


@dataclass(frozen=True)
class Row:
    """One block in one simulator."""

    block: str
    backend: str
    cycles: int
    mismatches: int
    cycles_per_s: float
    ratio: float
    placeholder: bool = False

    def __post_init__(self):
        if self.backend not in BACKENDS:
            raise ValueError(f'{self.block}: backend "{self.backend}", expected one of {", ".join(BACKENDS)}')
        if self.cycles < 1 or self.mismatches < 0 or not self.cycles_per_s > 0 or not self.ratio > 0:
            raise ValueError(f"{self.block} in {self.backend}: expected cycles and speeds above zero")


def simulators() -> tuple[Row, ...]:
    """The rows in the file's order. A file that is no list of rows raises TypeError or ValueError."""
    return tuple(Row(**row) for row in json.loads(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8")))


def unlike(committed: Iterable[Row], fresh: Iterable[Row]) -> list[str]:
    """Where a fresh run is not what was committed: other counts, or a ratio beyond BOUND; a sentence each."""
    known = {(row.block, row.backend): row for row in committed}
    found = []
    for row in fresh:
        name, old = f"{row.block} in {row.backend}", known.pop((row.block, row.backend), None)
        if old is None:
            found.append(f"{name} is not in {FILE}")
        elif (row.cycles, row.mismatches) != (old.cycles, old.mismatches):
            found.append(f"{name}: {row.cycles} cycles and {row.mismatches} mismatches, expected {old.cycles} and "
                         f"{old.mismatches}")
        elif not 1 / BOUND <= row.ratio / old.ratio <= BOUND:
            found.append(f"{name}: {row.ratio:.3g} times MyHDL, expected {old.ratio:.3g} within a factor of {BOUND:g}")
    return found + [f"{block} in {backend} is in {FILE} alone" for block, backend in known]

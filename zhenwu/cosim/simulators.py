"""The committed table of the four simulators, `zhenwu/data/simulators.json`: what `make xcheck` found once.

The file is that command's build/xcheck/table.json: `totals` in `xcheck_table.py` says what a row holds. Speeds are
those of one machine on one day: a fresh run must give the same counts, and tells of a ratio that is beyond BOUND.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

BACKENDS = ("MyHDL", "Icarus", "Verilator", "CXXRTL")
BOUND = 4.0  # the factor by which a ratio is often off elsewhere: caches, compilers and neighbours differ
FILE = "simulators.json"
COUNTS = ("designs", "cycles", "values", "mismatches", "faults")


@dataclass(frozen=True)
class Row:
    """One block in one simulator, over all its `designs`, which are its sizes."""

    block: str
    backend: str
    designs: int
    cycles: int
    values: int
    mismatches: int
    faults: int
    cycles_per_s: float
    ratio: float

    def __post_init__(self):
        if self.backend not in BACKENDS:
            raise ValueError(f'{self.block}: backend "{self.backend}", expected one of {", ".join(BACKENDS)}')
        if self.cycles < 1 or self.values < 1 or not self.cycles_per_s > 0 or not self.ratio > 0:
            raise ValueError(f"{self.block} in {self.backend}: expected cycles, values and speeds above zero")


def simulators() -> tuple[Row, ...]:
    """The rows in the file's order. A file that is no list of rows raises TypeError or ValueError."""
    return tuple(Row(**row) for row in json.loads(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8")))


def unlike(committed: Iterable[Row], fresh: Iterable[Row]) -> list[str]:
    """Where a fresh run is not what was committed, a sentence for each row that is missing and each other count."""
    known = {(row.block, row.backend): row for row in committed}
    found = []
    for row in fresh:
        name, old = f"{row.block} in {row.backend}", known.pop((row.block, row.backend), None)
        if old is None:
            found.append(f"{name} is not in {FILE}")
            continue
        for count in COUNTS:
            if getattr(row, count) != getattr(old, count):
                found.append(f"{name}: {getattr(row, count)} {count}, expected {getattr(old, count)}")
    return found + [f"{block} in {backend} is in {FILE} alone" for block, backend in known]


def far_off(committed: Iterable[Row], fresh: Iterable[Row]) -> list[str]:
    """A sentence for each ratio that is beyond BOUND of the committed one. It is news about a machine, not a fault."""
    known = {(row.block, row.backend): row.ratio for row in committed}
    return [
        f"{row.block} in {row.backend}: {row.ratio:.3g} times MyHDL's speed, the book says {ratio:.3g}"
        for row in fresh
        if (ratio := known.get((row.block, row.backend))) and not 1 / BOUND <= row.ratio / ratio <= BOUND
    ]

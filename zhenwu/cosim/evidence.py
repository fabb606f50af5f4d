"""What a bench hands on: evidence that a block agrees with its oracle, or the first place where it does not."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mismatch:
    """The first differing transfer of a block.

    `expected` is None for a transfer too many, `actual` for one that never came (it has no `cycle` either); the
    `..._number` texts read the values as numbers; `given` states the inputs of a combinational block.
    `profile` and `seed` repeat it.
    """

    block: str
    stream: str
    index: int
    cycle: int | None
    field: str
    expected: int | None
    actual: int | None
    expected_number: str
    actual_number: str
    profile: str
    seed: int
    given: str = ""
    vcd: Path | None = None
    svg: Path | None = None

    def __str__(self) -> str:
        when = "" if self.cycle is None else f"cycle {self.cycle}, "
        given = f", for {self.given}" if self.given else ""
        return (
            f"{self.block}: transfer {self.index} of {self.stream} ({when}stalls: {self.profile}), field "
            f"{self.field}: expected {_both(self.expected, self.expected_number)}, "
            f"got {_both(self.actual, self.actual_number)}{given}"
        )


def _both(value: int | None, number: str) -> str:
    return "nothing" if value is None else f"{value:#x} ({number})"


@dataclass(frozen=True)
class Drawing:
    """A waveform for the report: an SVG text under a title, with a sentence on what to look for."""

    title: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Listing:
    """Lines of plain text for the report, folded under a title, with a sentence on how to read them."""

    title: str
    caption: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """One row of the table that `make sim` prints.

    `cases` are transfers (or vectors) compared; `bins` are the hits per planned coverage bin and `planned` the
    reason of each; `achieved` and `bound` share one unit, named in `notes`; `violations` are broken stream rules,
    deadlocks and exhausted budgets, a sentence each; `ranges` the checks that `hdl/range_check.py` made, by place.
    """

    block: str
    oracle: str
    cases: int
    cycles: int
    mismatches: int
    bins: dict[str, int]
    planned: dict[str, str]
    seconds: float
    seed: int
    not_checked: str
    achieved: float | None = None
    bound: float | None = None
    first_mismatch: Mismatch | None = None
    violations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    listings: tuple[Listing, ...] = ()
    ranges: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Something was compared, nothing differed and no stream broke a rule."""
        return self.cases > 0 and self.mismatches == 0 and not self.violations

    @property
    def cycles_per_s(self) -> float:
        """Simulation speed."""
        return self.cycles / self.seconds if self.seconds else 0.0

    @property
    def unhit(self) -> dict[str, str]:
        """Planned bins that stayed empty, with their reasons."""
        return {name: reason for name, reason in self.planned.items() if not self.bins.get(name)}


def until_one_fails(parts: Iterable[Evidence]) -> Iterator[Evidence]:
    """The parts of a bench as they are made, none behind the first that fails: that one is what a reader needs."""
    for part in parts:
        yield part
        if not part.ok:
            return


def merge(block: str, *parts: Evidence) -> Evidence:
    """One row out of several runs of the same block, for example with several depths.

    Counts and bins add up; texts, seed, achieved and bound are those of the first part that has them.
    """
    if not parts:
        raise ValueError("merge: expected at least one piece of evidence")
    bins: Counter[str] = Counter()
    for part in parts:
        bins.update(part.bins)
    first = parts[0]
    return Evidence(
        block=block,
        oracle=first.oracle,
        cases=sum(part.cases for part in parts),
        cycles=sum(part.cycles for part in parts),
        mismatches=sum(part.mismatches for part in parts),
        bins=dict(bins),
        planned={name: reason for part in parts for name, reason in part.planned.items()},
        seconds=sum(part.seconds for part in parts),
        seed=first.seed,
        not_checked=first.not_checked,
        achieved=next((part.achieved for part in parts if part.achieved is not None), None),
        bound=next((part.bound for part in parts if part.bound is not None), None),
        first_mismatch=next((part.first_mismatch for part in parts if part.first_mismatch), None),
        violations=tuple(text for part in parts for text in part.violations),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        drawings=tuple(drawing for part in parts for drawing in part.drawings),
        listings=tuple(listing for part in parts for listing in part.listings),
    )


def held_to(evidence: Evidence, reference: str, golden: NDArray, expected: NDArray) -> Evidence:
    """`evidence`, with the golden results held bit for bit to those of an outside `reference` as well.

    golden, expected: integer arrays of one shape. A difference makes the evidence fail; agreement is noted.
    """
    differing = int(np.count_nonzero(golden != expected))
    if differing:
        text = f"the golden model differs from {reference} in {differing:,} of {golden.size:,} values"
        return replace(evidence, violations=(*evidence.violations, text))
    return replace(evidence, notes=(*evidence.notes, f"golden model = {reference} on {golden.size:,} values"))

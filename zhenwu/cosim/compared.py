"""Two simulators' outputs held to each other, every pin in every cycle.

Comparison begins after the first edge that saw `rst` high: before it, registers are rightly anything. A simulator that
knows four states may call a bit unknown, which counts as a difference, but for three places where nobody looks:

- a pin that has never been known: an output register that no reset touches, until it is first written (a pin that
  is never known at all differs in the last cycle);
- the payload of a stream whose `valid` is low, or what else is meant by another pin (MEANT_BY) that is zero;
- a pin that shows what lies in a memory (FROM_MEMORY), in the bits of places that nothing has been written to; its
  other bits are compared.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from hdl.bench.trace import Column, Trace
from hdl.designs import Design

MEANT_BY = {("request_queue", "oldest_stamp"): "ready"}  # with no request ready there is no oldest
FROM_MEMORY = {
    "operand_banks": ("words", "scales"),
    "residual_buffer": ("words",),
    "scratchpad": ("a_words", "a_scales", "b_words", "b_scales", "residual_line"),
    "write_buffer": ("first_half", "second_half"),
}


class Difference(NamedTuple):
    """The first value that differs; `actual` is in hexadecimal, with x for a digit that is not known."""

    cycle: int
    pin: str
    expected: int
    actual: str

    def __str__(self) -> str:
        return f"{self.pin} in cycle {self.cycle}: {self.actual}, expected {self.expected:x}"


class Comparison(NamedTuple):
    """Cycles played, values compared, how many of these differed, the first that did, and what simulating took."""

    cycles: int
    values: int
    mismatches: int
    first: Difference | None
    seconds: float


def replay(simulator: ModuleType, design: Design, trace: Trace, folder: Path, **options) -> Comparison:
    """Play a trace's inputs in one of `zhenwu.cosim.backends`, and hold what comes out to the trace."""
    return compared(design, trace, simulator.run(design, trace, folder, **options))


def compared(design: Design, expected: Trace, actual: Trace) -> Comparison:
    """`actual` held to `expected` on all its pins; of these `expected` has `rst`, if there is one."""
    begin = first_cycle(expected)
    values = mismatches = 0
    first = None
    for column in actual.columns:
        valid = meaning(design.block, column.name, actual)
        unwritten = column.name in FROM_MEMORY.get(design.block, ())
        for difference in differences(expected[column.name], column, begin, valid, unwritten):
            mismatches += 1
            if first is None or difference.cycle < first.cycle:
                first = difference
        values += len(column.values) - begin
    return Comparison(actual.cycles, values, mismatches, first, actual.seconds)


def first_cycle(resets: Trace) -> int:
    """The cycle after the first in which `rst` was high; 0 without a reset, the end if it never was."""
    if "rst" not in resets.widths:
        return 0
    values = resets["rst"].values
    return next((cycle + 1 for cycle, value in enumerate(values) if value), len(values))


def meaning(block: str, name: str, trace: Trace) -> list[int] | None:
    """The pin that says in each cycle whether another means anything: a stream's `valid` for its payload."""
    if (block, name) in MEANT_BY:
        return trace[MEANT_BY[block, name]].values
    stream, _, field = name.rpartition("_")
    if field in ("valid", "ready"):
        return None
    while stream:
        if f"{stream}_valid" in trace.widths:
            return trace[f"{stream}_valid"].values
        stream = stream.rpartition("_")[0]
    return None


def differences(
    expected: Column, actual: Column, begin: int, valid: list[int] | None, unwritten: bool
) -> Iterator[Difference]:
    """The cycles in which a pin differs."""
    mask = (1 << expected.width) - 1
    known = actual.unknown is None
    for cycle in range(begin, len(actual.values)):
        wanted, value = expected.values[cycle] & mask, actual.values[cycle] & mask
        unknown = actual.unknown[cycle] if actual.unknown is not None else 0
        known = known or not unknown or (unwritten and unknown != mask)
        excused = unwritten or (valid is not None and not valid[cycle])
        if not known:
            continue
        wrong = (wanted ^ value) & ~unknown if excused else unknown or wanted != value
        if wrong:
            yield Difference(cycle, actual.name, wanted, shown(value, unknown, actual.width))
    if not known and begin < len(actual.values):
        cycle = len(actual.values) - 1
        yield Difference(cycle, actual.name, expected.values[cycle] & mask, shown(0, mask, actual.width))


def shown(value: int, unknown: int, width: int) -> str:
    """A value in hexadecimal, x for each digit that holds an unknown bit."""
    places = range(4 * (-(-width // 4) - 1), -1, -4)
    return "".join("x" if unknown >> place & 15 else f"{value >> place & 15:x}" for place in places)

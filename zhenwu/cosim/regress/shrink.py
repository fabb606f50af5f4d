"""A run that went wrong, made short: its first wrong cycle, and the shortest piece of it that shows it in MyHDL.

    last look at which all was well ──── first wrong cycle
      state ────────────────────────────────> │   8,192 cycles before, 4,096, ...
                              state ────────> │   32
                                    state ──> │   16: the shortest that still goes wrong
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from zhenwu.cosim.regress.harnesses import HARNESSES, Pins, Twin
from zhenwu.cosim.regress.native import AFTER, SIGNATURE, Resumed, resumed
from zhenwu.cosim.regress.plan import STRIDE, Run
from zhenwu.cosim.regress.run import RESET_CYCLES, first_difference, inputs
from zhenwu.cosim.regress.snapshot import State, load, snapshots

SHORTEST = 16  # cycles from a state to the first wrong one: enough to draw
LONGEST = 8192  # more than from one refresh to the next


class Start(NamedTuple):
    """A state of the compiled model in some cycle."""

    cycle: int
    state: State


class Shrunk(NamedTuple):
    """Where MyHDL goes wrong as well: `short` is the latest state from which it does, `long` the earliest one, which
    may lie before the fault. `expected` are the pins from `long` on. `shown` is the run from `short`.
    """

    run: Run
    short: Start
    long: Start
    expected: list[Pins]
    shown: Resumed


class NotShrunk(NamedTuple):
    """The compiled model is wrong in this cycle, MyHDL is not, from wherever it starts."""

    run: Run
    cycle: int
    earliest: int


def shrink(run: Run, look: int, folder: Path, say: Callable[[str], None], longest: int = LONGEST) -> Shrunk | NotShrunk:
    """Make a run short whose signature was seen to be wrong in cycle `look`."""
    harness = HARNESSES[run.design]
    library = load(folder / f"{harness.design.name}.v")
    equal = max(0, look - STRIDE)
    before = max(0, equal - longest)
    say(f"{run.name}: replaying {look:,} cycles to the first wrong one")
    twin = stepped(harness.make(run.seed, run.restless), before)
    cycle = first_difference(library, harness, run, look, stepped(deepcopy(twin), equal - before), equal)
    if cycle is None:
        raise RuntimeError(f"{run.name}: cycle {look} was wrong and is not when replayed")
    starts = starts_before(cycle, longest)
    expected = followed(stepped(twin, starts[0] - before), harness.pins, cycle + AFTER + 1 - starts[0])
    states = snapshots(harness.design, library, *inputs(library, run), RESET_CYCLES, starts)

    def tried(start: int) -> Resumed:
        say(f"{run.name}: {cycle - start:,} cycles of MyHDL before cycle {cycle:,}")
        return resumed(harness, states[start], start, expected[start - starts[0] :], run.seed, run.restless)

    for short in reversed(starts):
        shown = tried(short)
        if not shown.agrees:
            break
    else:
        return NotShrunk(run, cycle, starts[0])
    long = next((start for start in starts if start < short and not tried(start).agrees), short)
    return Shrunk(run, Start(short, states[short]), Start(long, states[long]), expected[long - starts[0] :], shown)


def starts_before(cycle: int, longest: int) -> list[int]:
    """The cycles from which to start, the earliest first."""
    lengths = [SHORTEST]
    while lengths[-1] < longest:
        lengths.append(2 * lengths[-1])
    return sorted({max(0, cycle - length) for length in lengths})


def stepped(twin: Twin, cycles: int) -> Twin:
    """The same twin so many edges later."""
    for _ in range(cycles):
        twin.step()
    return twin


def followed(twin: Twin, pins: Callable[[Twin], Pins], cycles: int) -> Sequence[Pins]:
    """What the pins and the signature must be in each of so many cycles."""
    rows = []
    for _ in range(cycles):
        rows.append({**pins(twin), SIGNATURE: twin.signature})
        twin.step()
    return rows

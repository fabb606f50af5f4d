"""One run: the compiled model and the twin, chunk by chunk, and where they part."""

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.backends import cxxrtl, verilator
from zhenwu.cosim.backends.compiled import Library, Model
from zhenwu.cosim.backends.pins import row_words
from zhenwu.cosim.regress import snapshot
from zhenwu.cosim.regress.harnesses import HARNESSES, Harness, Twin, faults
from zhenwu.cosim.regress.plan import STRIDE, Run

RESET_CYCLES = 2
BACKENDS = {"verilator": (verilator.need, snapshot.load), "cxxrtl": (cxxrtl.need, cxxrtl.load)}


class Result(NamedTuple):
    """What a run showed. `look` is the first cycle, of those looked at, in which the signatures differ; `fault` what
    the twin finds wrong with itself.
    """

    cycles: int
    compiled_s: float  # of processor time
    twin_s: float
    look: int | None = None
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.look is None and not self.fault


def inputs(library: Library, run: Run) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The input pins under reset, and after it."""
    rows = []
    for reset in (1, 0):
        values = {"rst": reset, "wipe": reset, "seed": run.seed, "restless": int(run.restless)}
        row = np.zeros(row_words(library.inputs), np.uint32)
        for pin in library.inputs:
            row[pin.place] = values[pin.name]
        rows.append(row)
    return rows[0], rows[1]


def load(backend: str, folder: Path, design: str) -> Library:
    """The compiled harness."""
    return BACKENDS[backend][1](folder / f"{HARNESSES[design].design.name}.v")


def compare(library: Library, run: Run, seen: Callable[[int], bool]) -> Result | None:
    """Run both to the end or to the first difference. `seen` is told the cycles done at each look; None if it says no.
    """
    harness, model = HARNESSES[run.design], Model(library)
    reset, row = inputs(library, run)
    twin = harness.make(run.seed, run.restless)
    twin_s, done = 0.0, 0
    try:
        model.hold(reset, RESET_CYCLES, 1)
        while done < run.cycles:
            shown = int(model.hold(row, STRIDE, STRIDE)[0, library.outputs[0].place])
            start = process_time()
            fault = advance(twin, STRIDE - 1)
            due = twin.signature
            fault = fault or advance(twin, 1)
            twin_s += process_time() - start
            done += STRIDE
            look = done - 1 if shown != due else None
            if look is not None or fault:
                return Result(done, model.seconds, twin_s, look, fault)
            if not seen(done):
                return None
    finally:
        model.close()
    return Result(done, model.seconds, twin_s)


def advance(twin: Twin, cycles: int) -> str:
    """So many edges of the twin; what is wrong with it then, in a sentence, or nothing."""
    try:
        for _ in range(cycles):
            twin.step()
    except Exception as error:  # it meets what cannot be
        return f"the twin stops: {type(error).__name__}: {error}"
    found = faults(twin)
    return found[0] if found else ""


def first_difference(library: Library, harness: Harness, run: Run, look: int, twin: Twin, now: int) -> int | None:
    """The first cycle whose signature differs, of those up to `look`; `twin` stands in cycle `now`, where it did not.
    """
    model = Model(library)
    reset, row = inputs(library, run)
    try:
        model.hold(reset, RESET_CYCLES, 1)
        if now:
            model.hold(row, now, now)
        shown = model.hold(row, look + 1 - now, 1)[:, library.outputs[0].place].tolist()
    finally:
        model.close()
    for cycle, signature in enumerate(shown, now):
        if signature != twin.signature:
            return cycle
        twin.step()
    return None

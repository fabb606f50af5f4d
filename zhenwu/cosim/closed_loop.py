"""How fast each simulator runs a harness by itself, and that all of them show the same signature.

In a replay every cycle carries its pins in and out. Here nothing goes in, and the signature comes out now and then:
this is how `make regress` runs, and what a simulator can do at most.
"""

from pathlib import Path

import numpy as np

from hdl.bench.trace import Trace
from hdl.designs import DESIGNS, Design
from hdl.harness.signature import STRIDE
from zhenwu.cosim.backends import cxxrtl, native, verilator
from zhenwu.cosim.backends.compiled import Library, Model
from zhenwu.cosim.backends.pins import packed
from zhenwu.cosim.compared import compared
from zhenwu.cosim.pin_recording import record_harness
from zhenwu.cosim.xcheck_table import Row

HARNESSES = tuple(entry.name for entry in DESIGNS if entry.module.startswith("hdl.harness."))
LONG = {verilator: 400_000, cxxrtl: 40_000}  # cycles that are timed


def rows(entry: Design, seed: int, folder: Path) -> list[Row]:
    """A row each for MyHDL, Verilator and CXXRTL."""
    trace = Trace(record_harness(entry, seed))
    own = Row(entry.name, entry.name, native.NAME, cycles=trace.cycles)
    own.add(compared(entry, trace, native.run(entry, trace)))
    found = [own]
    for simulator, cycles in LONG.items():
        library = simulator.load(folder / f"{entry.name}.v")
        row = Row(entry.name, entry.name, simulator.NAME, cycles=trace.cycles)
        row.add(compared(entry, trace, simulator.run(entry, trace, folder)))
        row.seconds = row.cycles / speed(library, trace, cycles)
        found.append(row)
    return found


def speed(library: Library, trace: Trace, cycles: int) -> float:
    """Cycles a second in a closed loop, after the trace's resets."""
    model = Model(library)
    try:
        inputs = packed(trace, library.inputs, "harness")
        model.play(inputs)
        model.seconds = 0.0
        model.hold(np.ascontiguousarray(inputs[-1:]), cycles, STRIDE)
        return cycles / model.seconds
    finally:
        model.close()

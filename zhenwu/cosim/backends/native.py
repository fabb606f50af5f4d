"""MyHDL itself, played from recorded inputs."""

import gc
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import Recorder, Trace, flatten
from hdl.bundle import wire
from hdl.designs import Design, elaborate
from hdl.hierarchy import driven
from zhenwu.cosim.elaborate import elaborate as elsewhere

NAME = "MyHDL"


def need() -> None:
    """MyHDL is always there."""


def run(design: Design, trace: Trace, folder: Path | None = None) -> Trace:
    """The outputs of `design` for the inputs in `trace`; `folder` is not read."""
    with forgotten_signals():
        instance, pins = elsewhere(elaborate, design)
        signals = flatten(pins)
        written = set(driven(instance))
        outputs = {name: signal for name, signal in signals.items() if id(signal) in written}
        played = [(signals[column.name], column.values) for column in trace.columns
                  if column.name not in outputs and column.name != "clk"]
        clk = pins.get("clk", wire(1))
        recorder = Recorder(outputs)

        def drive() -> Iterator:
            for row in zip(*(values for _, values in played), strict=True):
                for (signal, _), value in zip(played, row, strict=True):
                    signal.next = value
                yield clk.posedge

        parts = [instance, drive(), recorder.record(clk)]
        gc.collect()  # now, not within the time taken
        start = perf_counter()
        simulate(parts, clk=clk, rst=wire(1), budget_cycles=trace.cycles, reset_cycles=0)
        return Trace(recorder.columns, perf_counter() - start)

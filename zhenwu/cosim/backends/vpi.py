"""MyHDL's own cosimulation: Icarus as a block of a MyHDL bench, one exchange of pins at every instant of time.

What MyHDL's users know. The bench stays in Python and may react to the Verilog, which no replay can; each exchange goes
through a pipe, so it is the slowest way of all. Its Verilog side, a VPI module, comes with MyHDL as two C files.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from myhdl import Cosimulation, Signal, intbv

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import Recorder, Trace
from hdl.bundle import wire
from hdl.designs import Design
from zhenwu.cosim.backends import icarus
from zhenwu.cosim.backends.compiled import MODELS, BuildError, run_tool
from zhenwu.cosim.backends.pins import directions, sources
from zhenwu.cosim.missing_tool import MissingTool

NAME = "VPI"
SOURCES = Path(sys.prefix) / "share/myhdl/cosimulation/icarus"

TOP = """`timescale 1ns/10ps
module bench;
    {declarations}
    initial begin
        $from_myhdl({inputs});
        $to_myhdl({outputs});
    end
    {top} dut ({connections});
endmodule
"""


def need() -> None:
    """Raise MissingTool unless Icarus, its compiler for VPI modules and MyHDL's sources are there."""
    icarus.need()
    if shutil.which("iverilog-vpi") is None or shutil.which("gcc") is None:
        raise MissingTool("Icarus cannot compile a VPI module: run `apt-get install iverilog gcc`")


def module() -> Path:
    """The compiled VPI module."""
    built = MODELS / "myhdl.vpi"
    if not built.exists():
        MODELS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=MODELS) as scratch:
            for source in SOURCES.glob("myhdl*.c"):
                shutil.copy(source, scratch)
            run_tool(["iverilog-vpi", "myhdl.c", "myhdl_table.c"], Path(scratch))
            (Path(scratch) / "myhdl.vpi").replace(built)
    return built


def run(design: Design, trace: Trace, folder: Path) -> Trace:
    """The outputs of the design's Verilog in `folder`, driven by a MyHDL bench; no pin may be signed."""
    need()
    verilog = folder / f"{design.name}.v"
    ports = directions(verilog.read_text(encoding="utf-8"))
    inputs = [name for name, (way, _) in ports.items() if way == "input"]
    outputs = [name for name, (way, _) in ports.items() if way == "output"]
    text = TOP.format(
        top=design.name, inputs=", ".join(inputs), outputs=", ".join(outputs),
        connections=", ".join(f".{name}({name})" for name in ports),
        declarations="\n    ".join(
            f"{'reg' if way == 'input' else 'wire'} [{width - 1}:0] {name};" for name, (way, width) in ports.items()
        ),
    )
    with tempfile.TemporaryDirectory() as scratch, forgotten_signals():
        bench = Path(scratch) / "bench.v"
        bench.write_text(text)
        compiled = bench.with_suffix(".vvp")
        call = ["iverilog", icarus.STANDARD, "-o", str(compiled), str(bench), *map(str, sources(verilog.resolve()))]
        run_tool(call, Path(scratch))
        signals = {name: Signal(intbv(0)[width:]) for name, (_, width) in ports.items()}
        signals["clk"] = clk = wire(1)
        played = [(signals[name], trace[name].values) for name in inputs if name != "clk"]
        recorder = Recorder({name: signals[name] for name in outputs})

        def drive() -> Iterator:
            for row in zip(*(values for _, values in played), strict=True):
                for (signal, _), value in zip(played, row, strict=True):
                    signal.next = value
                yield clk.posedge

        try:
            dut = Cosimulation(f"vvp -m {module()} {compiled}", **signals)
            start = perf_counter()
            simulate([dut, drive(), recorder.record(clk)], clk=clk, rst=wire(1), budget_cycles=trace.cycles,
                     reset_cycles=0)
        except (OSError, subprocess.SubprocessError) as error:
            raise BuildError(f"{design.name}: the cosimulation broke off: {error}") from None
        return Trace(recorder.columns, perf_counter() - start)

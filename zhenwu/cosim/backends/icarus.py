"""Icarus Verilog, the independent four-state check: registers and memories start unknown, as on a chip.

    row n of the vectors:  the inputs of cycle n, as they stood just before its rising edge
    cycle n:               drive the inputs of row n, let them settle, print the outputs, clock up
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

from hdl.bench.trace import Column, Trace
from hdl.designs import Design
from zhenwu.cosim.backends.compiled import BuildError, run_tool
from zhenwu.cosim.backends.pins import PinError, directions, sources
from zhenwu.cosim.missing_tool import MissingTool

NAME = "Icarus"
STANDARD = "-g2005"  # the Verilog that MyHDL writes
SETTLE = 5  # time units between driving, printing and clocking
TIME_LIMIT_S = 600


def need() -> None:
    """Raise MissingTool unless iverilog and vvp are installed."""
    if shutil.which("iverilog") is None or shutil.which("vvp") is None:
        raise MissingTool("Icarus Verilog is not installed: run `apt-get install iverilog`")


def complaints(verilog: Path) -> list[str]:
    """The errors and warnings of `iverilog -Wall` on a file; none is waived, as none has been needed."""
    need()
    call = ["iverilog", STANDARD, "-Wall", "-t", "null", "-o", "/dev/null", *map(str, sources(verilog))]
    done = subprocess.run(call, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines if lines or done.returncode == 0 else [f"iverilog ended {done.returncode} on {verilog.name}"]


def vectors(trace: Trace, inputs: list[str]) -> str:
    """The inputs for $readmemh: a row a cycle, the first pin in the highest bits."""
    columns = [trace[name] for name in inputs]
    digits = -(-sum(column.width for column in columns) // 4)
    rows = []
    for values in zip(*(column.values for column in columns), strict=True):
        word = 0
        for column, value in zip(columns, values, strict=True):
            word = word << column.width | value & ((1 << column.width) - 1)
        rows.append(f"{word:0{digits}x}\n")
    return "".join(rows)


def bench(top: str, verilog: str, cycles: int) -> str:
    """The test bench of module `top`: a line of output a cycle, in hexadecimal, or in binary if a bit is unknown."""
    ports = directions(verilog)
    inputs = {name: width for name, (way, width) in ports.items() if way == "input" and name != "clk"}
    outputs = {name: width for name, (way, width) in ports.items() if way == "output"}
    connections = [".clk(clk)"] if "clk" in ports else []
    high = sum(inputs.values())
    for name, width in inputs.items():
        high -= width
        connections.append(f".{name}(row[{high + width - 1}:{high}])")
    connections += [f".{name}(dut_{name})" for name in outputs]
    return BENCH.format(
        top=top, total=sum(inputs.values()), shown=sum(outputs.values()), cycles=cycles, settle=SETTLE,
        wires="\n    ".join(f"wire [{width - 1}:0] dut_{name};" for name, width in outputs.items()),
        connections=",\n        ".join(connections), outputs=", ".join(f"dut_{name}" for name in outputs),
    )


def read(printed: str, outputs: dict[str, int]) -> list[Column]:
    """The columns of what the bench printed."""
    columns = [Column(name, width, [], []) for name, width in outputs.items()]
    for line in printed.splitlines():
        if line.startswith("?"):
            word = int("".join("1" if digit == "1" else "0" for digit in line[1:]), 2)
            unknown = int("".join("1" if digit in "xz" else "0" for digit in line[1:]), 2)
        else:
            word, unknown = int(line, 16), 0
        for column in reversed(columns):
            mask = (1 << column.width) - 1
            column.values.append(word & mask)
            column.unknown.append(unknown & mask)
            word, unknown = word >> column.width, unknown >> column.width
    return columns


def run(design: Design, trace: Trace, folder: Path) -> Trace:
    """The outputs of the design's Verilog in `folder` for the inputs in `trace`, with their unknown bits.

    A trace without the module's inputs raises PinError, a file that Icarus refuses BuildError.
    """
    need()
    verilog = folder / f"{design.name}.v"
    text = verilog.read_text(encoding="utf-8")
    ports = directions(text)
    inputs = [name for name, (way, _) in ports.items() if way == "input" and name != "clk"]
    for name in inputs:
        if trace.widths.get(name) != ports[name][1]:
            found = trace.widths.get(name)
            raise PinError(f"{design.name}: pin {name} has {ports[name][1]} bits in Verilog, {found} in the trace")
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "vectors.hex").write_text(vectors(trace, inputs))
        (Path(scratch) / "bench.v").write_text(bench(design.name, text, trace.cycles))
        call = ["iverilog", STANDARD, "-o", "bench.vvp", "bench.v", *map(str, sources(verilog.resolve()))]
        run_tool(call, Path(scratch), limit_s=TIME_LIMIT_S)
        start = perf_counter()
        printed = run_tool(["vvp", "-n", "bench.vvp"], Path(scratch), limit_s=TIME_LIMIT_S)
        seconds = perf_counter() - start
    outputs = {name: width for name, (way, width) in ports.items() if way == "output"}
    columns = read(printed, outputs)
    if len(columns[0].values) != trace.cycles:
        raise BuildError(f"{design.name}: Icarus broke off after {len(columns[0].values)} of {trace.cycles} cycles")
    return Trace(columns, seconds)


BENCH = """`timescale 1ns/10ps
module bench;
    reg [{total}-1:0] recorded [0:{cycles}-1];
    reg [{total}-1:0] row;
    reg clk;
    integer cycle;
    {wires}
    wire [{shown}-1:0] shown;
    assign shown = {{{outputs}}};

    {top} dut (
        {connections}
    );

    initial begin
        $readmemh("vectors.hex", recorded);
        clk = 0;
        for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
            row = recorded[cycle];
            #{settle};
            if ((^shown) === 1'bx) $display("?%b", shown);
            else $display("%h", shown);
            clk = 1;
            #{settle};
            clk = 0;
        end
        $finish;
    end
endmodule
"""

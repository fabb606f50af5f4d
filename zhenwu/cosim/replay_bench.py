"""A Verilog test bench that replays recorded pins: it drives the inputs and compares every output.

    row n of the vectors:  all pins of cycle n, as they stood just before its rising edge
    cycle n:               drive the inputs of row n, let them settle, compare the outputs with row n, clock up

Outputs are compared as four-state values (`!==`), so an X is a mismatch, with two exceptions. Comparison begins
after the first edge that saw `rst` high: before it, registers are rightly unknown. And an output register that
no reset touches (a payload) may stay X until it is first written; one that never is counts as a mismatch.
"""

import re
from collections.abc import Sequence

from hdl.bench.trace import Column

PORT = re.compile(r"^(input|output) (?:signed )?(?:\[(\d+):0\] )?(\w+);$", re.MULTILINE)
SETTLE = 5  # time units between driving, comparing and clocking


class PinError(Exception):
    """One sentence on a recording that does not fit the Verilog."""


def directions(verilog: str) -> dict[str, tuple[str, int]]:
    """(input or output, width) of each port of an emitted file."""
    return {name: (way, int(high or 0) + 1) for way, high, name in PORT.findall(verilog)}


def vectors(columns: Sequence[Column]) -> str:
    """The recording for $readmemh: a row a cycle, the first column in the highest bits."""
    rows = []
    digits = -(-sum(column.width for column in columns) // 4)
    for values in zip(*(column.values for column in columns), strict=True):
        word = 0
        for column, value in zip(columns, values, strict=True):
            word = word << column.width | value & ((1 << column.width) - 1)
        rows.append(f"{word:0{digits}x}\n")
    return "".join(rows)


def bench(top: str, verilog: str, columns: Sequence[Column], vector_file: str) -> str:
    """The test bench of module `top`; columns that are not just its ports, in their widths, raise PinError."""
    ports = directions(verilog)
    recorded = {column.name: column.width for column in columns}
    if recorded != {name: width for name, (_, width) in ports.items()}:
        odd = sorted(set(recorded.items()) ^ {(name, width) for name, (_, width) in ports.items()})
        raise PinError(f"{top}: the recording and the Verilog differ in the pins {odd}: expected the same")
    wires, connections, checks, ends = [], [], [], []
    high = sum(recorded.values())
    fields = {"rst": "1'b0"}
    for name, width in recorded.items():
        high -= width
        fields[name] = f"row[{high + width - 1}:{high}]"
        if name == "clk":
            connections.append(".clk(clk)")
        elif ports[name][0] == "input":
            connections.append(f".{name}({fields[name]})")
        else:
            wires += [f"wire [{width - 1}:0] dut_{name};", f"reg known_{name};"]
            connections.append(f".{name}(dut_{name})")
            checks += [
                f"if (known_{name} === 1'b1 || (^dut_{name}) !== 1'bx) begin",
                f"    known_{name} = 1;",
                f'    if (dut_{name} !== {fields[name]}) differ("{name}", dut_{name}, {fields[name]});',
                "end",
            ]
            ends.append(f'if (known_{name} !== 1\'b1) differ("{name}", dut_{name}, {fields[name]});')
    return BENCH.format(
        top=top, total=sum(recorded.values()), cycles=len(columns[0].values), settle=SETTLE, vector_file=vector_file,
        widest=max(recorded.values()), wires="\n    ".join(wires), connections=",\n        ".join(connections),
        begins=int("rst" not in recorded), rst=fields["rst"], checks="\n                ".join(checks),
        ends="\n        ".join(ends),
    )


BENCH = """`timescale 1ns/10ps
module replay_bench;
    reg [{total}-1:0] recorded [0:{cycles}-1];
    reg [{total}-1:0] row;
    reg clk;
    reg compared;
    integer cycle, mismatches;
    {wires}

    {top} dut (
        {connections}
    );

    task differ;
        input [8*64-1:0] name;
        input [{widest}-1:0] actual;
        input [{widest}-1:0] expected;
    begin
        if (mismatches == 0) $display("first %0d %0s %h %h", cycle, name, expected, actual);
        mismatches = mismatches + 1;
    end
    endtask

    initial begin
        $readmemh("{vector_file}", recorded);
        clk = 0;
        compared = {begins};
        mismatches = 0;
        for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
            row = recorded[cycle];
            #{settle};
            if (compared) begin
                {checks}
            end
            clk = 1;
            #{settle};
            if ({rst}) compared = 1;
            clk = 0;
        end
        cycle = cycle - 1;
        {ends}
        $display("replayed %0d %0d", cycle + 1, mismatches);
        $finish;
    end
endmodule
"""

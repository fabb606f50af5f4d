"""Two blocks that should compute the same, proved to: every input, by way of Yosys and the ABC inside it.

    inputs ──┬──> [ pipelined ] ─────────────────────┐
             └──> [ plain ] ──> latency - 1 registers ┴──> differ

The circuit is unrolled over `latency` cycles. What the registers held before them and what comes in afterwards are free
inputs, so that `differ` in the last cycle is a function without memory; ABC shows that it is never 1, or finds inputs
that make it so. Nothing is bounded: an output that came from another cycle's inputs would differ for some of them.
Believed are Yosys, which makes gates of the Verilog, and ABC.
"""

import re
import tempfile
from pathlib import Path

from zhenwu.cosim.backends.pins import sources
from zhenwu.cosim.yosys import YosysError, need_yosys, run_yosys

TIME_LIMIT_S = 120
PORT = re.compile(r"^(input|output) (?:\[(\d+):0\] )?(\w+);", re.MULTILINE)
# Yosys runs ABC for a module that has a gate, so it is given one, and wants it back. ABC writes files: it cannot print.
YOSYS = (
    "read_verilog {files} both.v; hierarchy -check -top both; proc; flatten; memory_map; opt -nodffe -nosdff; techmap; "
    "opt_clean; write_blif both.blif; design -reset; read_verilog gate.v; simplemap; abc -script prove.abc"
)
ABC = (
    "&get -n", "read_blif both.blif", "strash", "frames -F {cycles}", "comb", "cone -O {last} -R 1",
    "write_blif last.blif", "iprove", "write_status status.txt", "write_cex -n inputs.txt", "&put",
)
GATE = "module gate (input a, b, output y); assign y = a & b; endmodule\n"


def counterexample(pipelined: Path, plain: Path, latency: int = 1) -> dict[str, int] | None:
    """None where `pipelined` gives in cycle c + latency - 1 what `plain`, without a clock, gives for the inputs of c.

    Otherwise inputs of `plain`, by port, for which it does not: those of cycle c. A file is named after its module.
    YosysError if one of the tools refuses or gives no answer; ValueError for two files of one name.
    """
    need_yosys()
    found = {*sources(pipelined), *sources(plain)}
    if len({file.name for file in found}) < len(found) or pipelined.stem == plain.stem:
        raise ValueError(f"{pipelined} and {plain}: expected modules of different names")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in found:
            (folder / file.name).write_bytes(file.read_bytes())
        (folder / "both.v").write_text(both(pipelined, plain, latency), encoding="utf-8")
        (folder / "gate.v").write_text(GATE, encoding="utf-8")
        steps = "\n".join(ABC).format(cycles=latency, last=latency - 1)
        (folder / "prove.abc").write_text(steps + "\n", encoding="utf-8")
        run_yosys(["-q", "-p", YOSYS.format(files=" ".join(sorted(file.name for file in found)))], name, TIME_LIMIT_S)
        return answer(folder, latency)


def both(pipelined: Path, plain: Path, latency: int) -> str:
    """The circuit above as Verilog."""
    ports = PORT.findall(plain.read_text(encoding="utf-8"))
    widths = {name: int(high or 0) + 1 for _, high, name in ports}
    inputs, outputs = ([name for kind, _, name in ports if kind == wanted] for wanted in ("input", "output"))
    clocked = ("input", "", "clk") in PORT.findall(pipelined.read_text(encoding="utf-8"))
    bits = sum(widths[name] for name in outputs)

    def instance(file: Path, side: str, read: list[str]) -> list[str]:
        wires = [f".{name}({name})" for name in read] + [f".{name}({side}_{name})" for name in outputs]
        return [
            *(f"wire [{widths[name] - 1}:0] {side}_{name};" for name in outputs),
            f"{file.stem} {side} ({', '.join(wires)});",
            f"wire [{bits - 1}:0] {side}_0 = {{{', '.join(f'{side}_{name}' for name in outputs)}}};",
        ]

    lines = [f"module both (clk, {', '.join(inputs)}, differ);", "input clk;", "output differ;"]
    lines += [f"input [{widths[name] - 1}:0] {name};" for name in inputs]
    lines += instance(pipelined, "pipelined", ["clk"] * clocked + inputs) + instance(plain, "plain", inputs)
    for cycle in range(1, latency):
        lines += [f"reg [{bits - 1}:0] plain_{cycle};"]
        lines += [f"always @(posedge clk) plain_{cycle} <= plain_{cycle - 1};"]
    return "\n".join([*lines, f"assign differ = pipelined_0 != plain_{latency - 1};", "endmodule", ""])


def answer(folder: Path, latency: int) -> dict[str, int] | None:
    """What ABC found, from its files; YosysError unless it has decided about `differ` of the last cycle."""
    status, last = (folder / "status.txt"), (folder / "last.blif")
    if not status.exists() or not last.exists():
        raise YosysError("ABC gave no answer")
    asked = re.findall(r"^\.outputs (.*)$", last.read_text(encoding="utf-8"), re.MULTILINE)
    if not re.fullmatch(rf"differ_0*{latency - 1}", asked[0].strip()):
        raise YosysError(f"ABC was asked about {asked[0]}, not about differ in cycle {latency - 1}")
    said = status.read_text(encoding="utf-8").split()[0]
    if said == "snl_UNSAT":
        return None
    if said != "snl_SAT":
        raise YosysError(f"ABC did not decide: {said}")
    values: dict[str, int] = {}
    text = (folder / "inputs.txt").read_text(encoding="utf-8")
    for name, bit, value in re.findall(r"^(\w+?)(?:\[(\d+)\])?_0+@0=([01])", text, re.MULTILINE):
        values[name] = values.get(name, 0) | int(value) << int(bit or 0)
    return {name: value for name, value in values.items() if name != "clk"}

"""How deep the logic of a block is, and how large: `python -m zhenwu.cosim.depth` prints it for the float32 adder.

Yosys makes gates of the Verilog, and the ABC inside it looks for a netlist of gates of two inputs (any function of two,
inverters free) that is as shallow as it can make it. Levels are the most gates between two registers, or a pin and a
register. No wire has a length here and all gates are alike, so a level is a measure to compare with, not a time.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from hdl.designs import Design, DesignError
from hdl.emit import emit
from hdl.numerics.fp32_add_pipelined import CUTS
from zhenwu.cosim.backends.pins import sources
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.yosys import YosysError, need_yosys, run_yosys

TIME_LIMIT_S = 600  # a dot unit of all formats takes minutes
MODULE = "hdl.numerics.fp32_add_pipelined"
ADDERS = (
    Design("fp32_add", "hdl.numerics.fp32_add"),
    *(Design(f"fp32_add_pipelined_{latency}", MODULE, {}, {"latency": latency}) for latency in CUTS),
)
# Registers become pins, so that ABC sees all logic at once
YOSYS = (
    "read_verilog {files}; hierarchy -check -top {top}; proc; flatten; memory_map; opt -nodffe -nosdff; "
    "simplemap t:$dff; tee -q -o registers.json stat -json; expose -evert-dff; opt_clean; techmap; opt -fast; "
    "abc -lut 2 -script shallow.abc; opt_clean; tee -q -o gates.json stat -json; tee -q -o levels.txt ltp"
)
AGAIN = ("strash", "dch", "if -g -K 6 -C 8")  # rebalance for depth
ABC = ("strash", "&get -n", "&fraig -x", "&put", "scorr", "dc2", "strash", "if -g -K 6 -C 8", *AGAIN, *AGAIN,
       "strash", "dch", "if -K 2")


class Depth(NamedTuple):
    """Levels of the deepest path, gates of two inputs, bits of registers."""

    levels: int
    gates: int
    registers: int


def depth(verilog: Path) -> Depth:
    """That of the module that the file is named after; YosysError where Yosys refuses it."""
    need_yosys()
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), sources(verilog)
        for file in files:
            (folder / file.name).write_bytes(file.read_bytes())
        (folder / "shallow.abc").write_text("\n".join(ABC) + "\n", encoding="utf-8")
        script = YOSYS.format(files=" ".join(file.name for file in files), top=verilog.stem)
        run_yosys(["-q", "-p", script], name, TIME_LIMIT_S)
        length = re.search(r"\(length=(\d+)\)", (folder / "levels.txt").read_text(encoding="utf-8"))
        if length is None:
            raise YosysError(f"{verilog.stem}: Yosys found no path")
        return Depth(int(length[1]), cells(folder / "gates.json", "$lut"), cells(folder / "registers.json", "$_DFF"))


def cells(path: Path, kind: str) -> int:
    """How many cells of a kind `stat -json` counted."""
    counts = json.loads(path.read_text(encoding="utf-8"))["design"]["num_cells_by_type"]
    return sum(count for name, count in counts.items() if name.startswith(kind))


def main() -> int:
    """Emit the adder at each latency and print what each takes; 0, or 1 if one is refused, or 2 without Yosys."""
    try:
        need_yosys()
    except MissingTool as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            complaints = emit(ADDERS, folder)
            if complaints:
                raise DesignError("\n".join(complaints.values()))
            found = {design.name: depth(Path(folder) / f"{design.name}.v") for design in ADDERS}
        except (DesignError, YosysError) as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{'':<22}{'levels':>10}{'gates':>10}{'registers':>12}")
    for name, row in found.items():
        print(f"{name:<22}{row.levels:>10}{row.gates:>10}{row.registers:>12}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

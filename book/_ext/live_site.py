"""What live cells load on a click, put into the site: Pyodide, our Python in one archive, and the vectors.

Pyodide comes from `book/npm/node_modules`, where `npm ci` puts it by the lock file; MyHDL from the environment, which
was installed by hash. Nothing of this is committed. Where Pyodide is absent the rest is written all the same.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import myhdl

from zhenwu.cosim.live import LIVE, live

ROOT = Path(__file__).resolve().parents[2]
PYODIDE = ROOT / "book" / "npm" / "node_modules" / "pyodide"
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
JUDGE = (  # of lists of DRAM commands
    "cycle/__init__.py", "cycle/hbm/__init__.py", "cycle/hbm/command_list.py", "cycle/hbm/timing_checker.py",
    "cosim/__init__.py", "cosim/hbm/__init__.py", "cosim/hbm/command_picture.py", "cosim/hbm/judged_commands.py",
    "cosim/hbm/timeline.py",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in the archive, so that the same sources give the same bytes


def fill(folder: Path, pyodide: Path = PYODIDE) -> None:
    """Write `pyodide/`, `python.zip` and `vectors/` into `folder`."""
    shutil.rmtree(folder / "pyodide", ignore_errors=True)
    (folder / "vectors").mkdir(parents=True, exist_ok=True)
    if pyodide.is_dir():
        (folder / "pyodide").mkdir()
        for name in CORE:
            shutil.copyfile(pyodide / name, folder / "pyodide" / name)
    for name in LIVE:
        (folder / "vectors" / f"{name}.json").write_text(json.dumps(live(name)), encoding="utf-8")
    with zipfile.ZipFile(folder / "python.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in packed():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)


def packed() -> Iterator[tuple[str, Path]]:
    """Each file of the archive: MyHDL with its licence, `hdl`, and of `zhenwu` the numbers and what judges commands."""
    outside = Path(myhdl.__file__).parent
    for package, files in (
        (outside.parent, outside.rglob("*.py")),
        (ROOT, (ROOT / "hdl").rglob("*.py")),
        (ROOT, [ROOT / "zhenwu" / "__init__.py", *(ROOT / "zhenwu" / "spec").rglob("*.py")]),
        (ROOT, [ROOT / "zhenwu" / name for name in JUDGE]),
    ):
        for path in sorted(files):
            yield path.relative_to(package).as_posix(), path
    for entry in distribution("myhdl").files or ():
        if "licenses" in entry.parts:
            yield f"myhdl/{entry.name}", Path(entry.locate())

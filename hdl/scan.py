"""Refuse what MyHDL converts into wrong or illegal Verilog: `python -m hdl.scan FILE...` (.py or .v).

MyHDL checks little of what it translates, and most of what goes wrong goes wrong silently: the Python
simulation is right, the Verilog differs. Each trap was met and reproduced; tests/verilog/traps.py holds one
sample of each. Rules about the Python source stand in `scan_python.py`, rules about the Verilog text in
`scan_verilog.py` (its lines) and `verilog_widths.py` (its expressions).
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hdl import scan_python as python_rules
from hdl import scan_verilog as verilog_rules

HARDWARE = ("numerics", "stream", "tile", "hbm", "harness", "slice")  # in hdl: what is converted


class Finding(NamedTuple):
    """One trap met at a line of a file."""

    path: str
    line: int
    trap: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.trap}]"


def is_hardware(module: str) -> bool:
    """Whether a module, by its full name, may hold blocks that are converted."""
    package, _, rest = module.partition(".")
    return package == "hdl" and rest.partition(".")[0] in HARDWARE


def called_names(sources: Iterable[str]) -> set[str]:
    """Names of the functions that processes in these sources call: MyHDL converts those functions too."""
    return {name for source in sources for name in python_rules.called_names(source)}


def scan_python(path: str, source: str, tasks: set[str] | None = None) -> list[Finding]:
    """Findings in the source of hdl blocks; `tasks` names functions that processes elsewhere call."""
    tasks = called_names([source]) if tasks is None else tasks
    return [Finding(path, *finding) for finding in sorted(python_rules.findings(source, tasks))]


def scan_verilog(path: str, text: str) -> list[Finding]:
    """Findings in a Verilog file that MyHDL wrote."""
    lines = text.splitlines()
    found = sorted(verilog_rules.findings(text))
    return [Finding(path, line, trap, f"{message}: {lines[line - 1].strip()}") for line, trap, message in found]


def main(paths: list[str]) -> int:
    """Scan the files; print the findings; 1 if there are any, 2 if a file cannot be read."""
    sources = {}
    for path in paths:
        try:
            sources[path] = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            print(f"scan: {path} cannot be read: expected a Python or Verilog file", file=sys.stderr)
            return 2
    python = {path: source for path, source in sources.items() if not path.endswith(".v")}
    tasks = called_names(python.values())
    found = [finding for path, source in python.items() for finding in scan_python(path, source, tasks)]
    for path in sources.keys() - python.keys():
        found += scan_verilog(path, sources[path])
    for finding in sorted(found):
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

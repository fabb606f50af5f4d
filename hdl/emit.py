"""Every design as Verilog: `python -m hdl.emit [NAME ...] [--out DIR]` writes build/verilog/<name>.v.

The same sources give the same bytes on every machine. MyHDL orders parts of its output by the hashes of
strings and keeps state between conversions, so each design is converted in a fresh process with
PYTHONHASHSEED=0, and without MyHDL's dated header. A file appears only whole and only if `hdl.scan` finds none
of the known traps in it: it is written under a temporary name, scanned and then renamed. Registers and memories get
no initial value: what is not reset starts unknown, as on a chip. An array of dot units holds one as a module of its
own (`hierarchy.py`).
"""

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from myhdl import SignalType
from myhdl.conversion import _toVerilog

from hdl.designs import DESIGNS, Design, DesignError, design, elaborate
from hdl.hierarchy import take_out
from hdl.scan import Finding, called_names, is_hardware, scan_python, scan_verilog

ROOT = Path(__file__).resolve().parents[1]
OUT = "build/verilog"


def convert(entry: Design, folder: Path) -> None:
    """Write one design's file, and that of the module that it instantiates. Call it in a fresh process with
    PYTHONHASHSEED=0.
    """
    try:
        instance, pins = elaborate(entry)
        leaf = take_out(instance)
        findings = scan_sources() or write(entry, instance, folder)
        if leaf is not None and not findings:
            findings = write(leaf, elaborate(leaf)[0], folder)
    except DesignError:
        raise
    except Exception as error:
        text = " ".join(str(error).replace(f"{ROOT}{os.sep}", "").split())
        raise DesignError(f"{entry.name}: MyHDL refuses it with {type(error).__name__}: {text}") from error
    if findings:
        once = {(finding.trap, finding.message): finding for finding in reversed(findings)}  # a block's every instance
        raise DesignError("\n".join(map(str, reversed(once.values()))))


def scan_sources() -> list[Finding]:
    """The findings in every loaded module that holds blocks."""
    sources = {}
    for name in sorted(sys.modules):
        if is_hardware(name):
            path = Path(sys.modules[name].__file__)
            sources[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    tasks = called_names(sources.values())
    return [finding for path, source in sources.items() for finding in scan_python(path, source, tasks)]


def nameless_signals(genlist: list) -> Iterator[tuple[str, str]]:
    """(process, signal) wherever MyHDL is about to print a signal's present value, for want of a name."""
    for process in genlist:
        for name, signal in getattr(process, "sigdict", {}).items():
            if isinstance(signal, SignalType) and not signal._name:
                yield process.name, name


def write(entry: Design, instance, folder: Path) -> list[Finding]:
    """Convert, scan and, if nothing is found, put the file in its place; returns the findings."""
    nameless = []
    # The hook that MyHDL leaves for code checks, between its analysis and the first line that it writes
    _toVerilog._ToVerilogConvertor._convert_filter = lambda *seen: nameless.extend(nameless_signals(seen[-1]))
    with tempfile.TemporaryDirectory(dir=folder) as partial:
        raw = Path(partial) / f"{entry.name}.v"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unused ports and unread signals: Verilator and the scan judge the text
            instance.convert(
                hdl="Verilog", path=partial, name=entry.name, testbench=False, initial_values=False,
                no_myhdl_header=True,
            )
        module = raw.read_text(encoding="utf-8").lstrip("\n")
        text = f"// {entry.source}, by: {entry.command}\n{module}"
        raw.write_text(text, encoding="utf-8", newline="\n")
        findings = [
            Finding(entry.source, 1, "constant_zero", f"{signal} in process {process} is a slice of a bundle's field "
                    f"on a port and becomes a constant: copy the field to a signal with always_comb and slice that")
            for process, signal in nameless
        ]
        findings += scan_verilog(raw.name, text)
        if not findings:
            os.replace(raw, folder / raw.name)
        return findings


def emit(entries: Iterable[Design], folder: str | os.PathLike) -> dict[str, str]:
    """Convert the designs, one process each; the complaint by name for those that failed.

    A folder that cannot be made raises DesignError before anything is written.
    """
    entries = list(entries)
    folder = Path(folder).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DesignError(f"{folder} is no folder and cannot be made one: {error.strerror}") from None
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    call = [sys.executable, "-c", "from hdl.emit import main_one; main_one()"]

    def one(entry: Design) -> str:
        run = subprocess.run(
            call, input=pickle.dumps((entry, folder)), cwd=ROOT, env=environment, capture_output=True, check=False
        )
        return "" if run.returncode == 0 else run.stderr.decode().strip() or f"{entry.name} ended {run.returncode}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = dict(zip((entry.name for entry in entries), pool.map(one, entries), strict=True))
    complaints = {name: complaint for name, complaint in said.items() if complaint}
    for name in complaints:
        (folder / f"{name}.v").unlink(missing_ok=True)
    return complaints


def main_one() -> None:
    """The body of a conversion process: a design and a folder come on standard input."""
    try:
        convert(*pickle.load(sys.stdin.buffer))
    except DesignError as error:
        sys.exit(str(error))


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0, or 1 if a design failed, or 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m hdl.emit", description="Write designs as Verilog.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a design (default: all)")
    parser.add_argument("--out", default=str(ROOT / OUT), metavar="DIR", help=f"default {OUT}")
    options = parser.parse_args(arguments)
    try:
        entries = [design(name) for name in options.names] or DESIGNS
        complaints = emit(entries, options.out)
    except DesignError as error:
        print(f"emit: {error}", file=sys.stderr)
        return 2
    for complaint in complaints.values():
        print(complaint, file=sys.stderr)
    print(f"{len(entries) - len(complaints)} of {len(entries)} designs in {options.out}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

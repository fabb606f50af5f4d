"""Every design as Verilog: `python -m hdl.emit [NAME ...] [--out DIR]` writes build/verilog/<name>.v.

The same sources give the same bytes on every machine. MyHDL orders parts of its output by the hashes of
strings and keeps state between conversions, so each design is converted in a fresh process with
PYTHONHASHSEED=0, and without MyHDL's dated header. A file appears only whole and only if `hdl.scan` finds none
of the known traps in it: it is written under a temporary name, scanned and then renamed.
"""

import argparse
import os
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from myhdl import SignalType
from myhdl.conversion import _toVerilog

from hdl.designs import DESIGNS, Design, DesignError, design, elaborate
from hdl.scan import Finding, called_names, scan_python, scan_verilog

ROOT = Path(__file__).resolve().parents[1]
OUT = "build/verilog"


def convert(name: str, folder: str) -> None:
    """Write one design's file. Call it in a fresh process with PYTHONHASHSEED=0."""
    entry = design(name)
    try:
        instance, pins = elaborate(entry)
        findings = scan_sources()
        if not findings:
            findings = write(entry, instance, Path(folder))
    except DesignError:
        raise
    except Exception as error:
        text = " ".join(str(error).replace(f"{ROOT}{os.sep}", "").split())
        raise DesignError(f"{name}: MyHDL refuses it with {type(error).__name__}: {text}") from error
    if findings:
        once = {(finding.trap, finding.message): finding for finding in reversed(findings)}  # a block's every instance
        raise DesignError("\n".join(map(str, reversed(once.values()))))


def scan_sources() -> list[Finding]:
    """The findings in every loaded module that holds blocks."""
    sources = {}
    for name in sorted(sys.modules):
        if name.startswith(("hdl.numerics.", "hdl.stream.", "hdl.tile.", "hdl.hbm.", "hdl.slice", "hdl.harness.")):
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
    partial = folder / f"{entry.name}.partial"
    partial.mkdir(parents=True, exist_ok=True)
    raw = partial / f"{entry.name}.v"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unused ports and unread signals: Icarus and the scan judge the text
            instance.convert(
                hdl="Verilog", path=str(partial), name=entry.name,
                testbench=False, initial_values=True, no_myhdl_header=True,
            )
        module = raw.read_text(encoding="utf-8").lstrip("\n")
        text = f"// {entry.source}, by: python -m hdl.emit {entry.name}\n{module}"
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
    finally:
        raw.unlink(missing_ok=True)
        partial.rmdir()


def emit(names: Iterable[str], folder: str | os.PathLike) -> dict[str, str]:
    """Convert the designs, one process each; the complaint by name for those that failed.

    An unknown name, or a folder that cannot be made, raises DesignError before anything is written.
    """
    names = [design(name).name for name in names]
    folder = Path(folder).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DesignError(f"{folder} is no folder and cannot be made one: {error.strerror}") from None
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}

    def one(name: str) -> str:
        call = [sys.executable, "-c", "import sys; from hdl.emit import main_one; main_one(*sys.argv[1:])"]
        run = subprocess.run(
            [*call, name, str(folder)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return "" if run.returncode == 0 else run.stderr.strip() or f"{name}: the conversion ended {run.returncode}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = dict(zip(names, pool.map(one, names), strict=True))
    for name, complaint in complaints.items():
        if complaint:
            (folder / f"{name}.v").unlink(missing_ok=True)
    return {name: complaint for name, complaint in complaints.items() if complaint}


def main_one(name: str, folder: str) -> None:
    """The body of a conversion process."""
    try:
        convert(name, folder)
    except DesignError as error:
        sys.exit(str(error))


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0, or 1 if a design failed, or 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m hdl.emit", description="Write designs as Verilog.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a design (default: all)")
    parser.add_argument("--out", default=str(ROOT / OUT), metavar="DIR", help=f"default {OUT}")
    options = parser.parse_args(arguments)
    try:
        names = options.names or [entry.name for entry in DESIGNS]
        complaints = emit(names, options.out)
    except DesignError as error:
        print(f"emit: {error}", file=sys.stderr)
        return 2
    for complaint in complaints.values():
        print(complaint, file=sys.stderr)
    print(f"{len(names) - len(complaints)} of {len(names)} designs in {options.out}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

"""Icarus Verilog, the independent four-state check: `python -m zhenwu.cosim.icarus` (`make xcheck`).

Emits every design, refuses what the scan finds, compiles every file with all warnings on, and replays the pins
that MyHDL's simulation recorded at each block's boundary into that block's Verilog, comparing every output in
every cycle.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from hdl.bench.trace import Column
from hdl.designs import DESIGNS
from hdl.emit import OUT, ROOT, emit
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.pin_recording import record_all
from zhenwu.cosim.replay_bench import PinError, bench, vectors

STANDARD = "-g2005"  # the Verilog that MyHDL writes: in SystemVerilog a register's initial value is no event
TIME_LIMIT_S = 120


class IcarusError(Exception):
    """What Icarus refused, in its own words."""


@dataclass(frozen=True)
class Replay:
    """What a replay showed: `first` is (cycle, pin, expected, actual) of the first difference, in hex."""

    cycles: int
    mismatches: int
    first: tuple[int, str, str, str] | None
    seconds: float


def need_icarus() -> None:
    """Raise MissingTool unless iverilog and vvp are installed."""
    if shutil.which("iverilog") is None or shutil.which("vvp") is None:
        raise MissingTool("Icarus Verilog is not installed: run `apt-get install iverilog`")


def complaints(verilog: Path) -> list[str]:
    """The errors and warnings of `iverilog -Wall` on a file; none is waived, as none has been needed."""
    need_icarus()
    call = ["iverilog", STANDARD, "-Wall", "-t", "null", "-o", "/dev/null", str(verilog)]
    run = subprocess.run(call, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
    lines = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
    return lines if lines or run.returncode == 0 else [f"iverilog ended {run.returncode} on {verilog.name}"]


def run_tool(call: list[str], folder: Path) -> str:
    """What a tool prints, run in `folder`; IcarusError if it fails or does not end."""
    try:
        run = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise IcarusError(f"{call[0]} was not done after {TIME_LIMIT_S} s") from None
    if run.returncode:
        raise IcarusError(f"{call[0]} ended {run.returncode}: {run.stdout}{run.stderr}")
    return run.stdout


def replay(verilog: Path, columns: Sequence[Column]) -> Replay:
    """Replay recorded pins into the module that the file is named after.

    A recording with other pins than the module raises PinError, a file that Icarus refuses IcarusError.
    """
    need_icarus()
    start = perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "vectors.hex").write_text(vectors(columns))
        text = verilog.read_text(encoding="utf-8")
        (folder / "replay_bench.v").write_text(bench(verilog.stem, text, columns, "vectors.hex"))
        run_tool(["iverilog", STANDARD, "-o", "replay.vvp", "replay_bench.v", str(verilog.resolve())], folder)
        printed = run_tool(["vvp", "-n", "replay.vvp"], folder)
    said = {words[0]: words[1:] for line in printed.splitlines() if (words := line.split())}
    if "replayed" not in said:
        raise IcarusError(f"{verilog.name}: the replay broke off: {printed[-500:]}")
    first = None
    if "first" in said:
        cycle, pin, *values = said["first"]
        digits = next(-(-column.width // 4) for column in columns if column.name == pin)
        first = (int(cycle), pin, *(value[-digits:] for value in values))
    return Replay(int(said["replayed"][0]), int(said["replayed"][1]), first, perf_counter() - start)


def check(verilog: Path, recording: Sequence[Column] | None) -> tuple[bool, str]:
    """Compile and replay one design: whether all is well, and its row of the table."""
    wrong = complaints(verilog)
    lines = len(verilog.read_text(encoding="utf-8").splitlines())
    row = f"{verilog.stem:<16}{lines:>7}{'no' if wrong else 'yes':>10}"
    if wrong:
        return False, "\n    ".join([row, *wrong])
    if recording is None:
        return False, f"{row}  no pins were recorded"
    try:
        result = replay(verilog, recording)
    except (IcarusError, PinError) as error:
        return False, f"{row}  {error}"
    row += f"{result.cycles:>8}{result.mismatches:>12}{result.seconds:>9.1f}"
    if result.first is not None:
        cycle, pin, expected, actual = result.first
        row += f"  {pin} in cycle {cycle}: {actual} in Icarus, {expected} in MyHDL"
    return not result.mismatches, row


def main() -> int:
    """Emit, scan, compile and replay everything; print a table; 0, or 1 if anything fails, or 2 without Icarus."""
    try:
        need_icarus()
    except MissingTool as error:
        print(error, file=sys.stderr)
        return 2
    folder = ROOT / OUT
    print(f"Emitting {len(DESIGNS)} designs, then recording their pins in MyHDL", file=sys.stderr)
    failed = emit(DESIGNS, folder)
    recordings = record_all(folder)
    print(f"{'design':<16}{'lines':>7}{'compiles':>10}{'cycles':>8}{'mismatches':>12}{'seconds':>9}  first difference")
    good = 0
    for entry in DESIGNS:
        if entry.name in failed:
            print(f"{entry.name:<16}  {failed[entry.name]}")
            continue
        well, row = check(folder / f"{entry.name}.v", recordings.get(entry.name))
        good += well
        print(row)
    print(f"{good} of {len(DESIGNS)} designs compile without a warning and agree with MyHDL in every cycle")
    return 0 if good == len(DESIGNS) else 1


if __name__ == "__main__":
    sys.exit(main())

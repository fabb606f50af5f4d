"""`make xcheck`: the same pins through four simulators: `python -m zhenwu.cosim.xcheck [--quick] [--block NAME]`.

Emits every design, holds the text to three readers (Icarus and Verilator with all warnings, Yosys on the way to
CXXRTL), and replays what MyHDL's simulation recorded at each block's boundary: inside a working tile, controller and
slice, and in every run of every bench of `make sim`. Every output is compared in every cycle.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import perf_counter

from hdl.bench.trace import Trace
from hdl.designs import DESIGNS, Design, design
from hdl.emit import OUT, ROOT, emit
from zhenwu.cosim import closed_loop
from zhenwu.cosim.backends import cxxrtl, icarus, native, verilator, vpi
from zhenwu.cosim.backends.compiled import FAST, QUICK, BuildError
from zhenwu.cosim.backends.pins import PinError
from zhenwu.cosim.cases import record
from zhenwu.cosim.catalogue import BLOCKS, block_name, find
from zhenwu.cosim.compared import replay
from zhenwu.cosim.files import write_atomically
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.pin_recording import recorders
from zhenwu.cosim.simulators import BACKENDS as NAMES
from zhenwu.cosim.simulators import Row as simulators_row
from zhenwu.cosim.simulators import far_off, simulators, unlike
from zhenwu.cosim.xcheck_table import Row, closing_line, table, totals

BACKENDS = (native, icarus, verilator, cxxrtl)
CASES = ROOT / "build/xcheck"  # the Verilog of other sizes, and the table
TABLE = CASES / "table.json"
KEPT = ROOT / "zhenwu/data/simulators.json"
SEED = 1
COSIMULATED = "fifo"  # in MyHDL's own way too, as that is what its users know


def missing() -> list[str]:
    """A sentence for each tool that is not installed."""
    found = []
    for backend in (*BACKENDS, vpi):
        try:
            backend.need()
        except MissingTool as error:
            found.append(str(error))
    return list(dict.fromkeys(found))


def held(entry: Design, traces: list[Trace], folder: Path, flags: str) -> Iterator[Row]:
    """A row for each backend that has played all traces of a design."""
    for backend in (*BACKENDS, *([vpi] if entry.name == COSIMULATED else [])):
        row = Row(entry.block, entry.name, backend.NAME, cycles=sum(trace.cycles for trace in traces))
        optimised = {"flags": flags} if backend in (verilator, cxxrtl) else {}
        try:
            for trace in traces:
                row.add(replay(backend, entry, trace, folder, **optimised))
        except (BuildError, PinError) as error:
            row.fault = str(error)
        yield row


def lint(entry: Design, folder: Path) -> list[str]:
    """What Icarus and Verilator have to say about a design's Verilog."""
    verilog = folder / f"{entry.name}.v"
    return icarus.complaints(verilog) + verilator.complaints(verilog)


def of_group(name: str, seed: int, only: str | None, flags: str) -> list[Row]:
    """The designs that work inside one whole, each at the size at which it is emitted."""
    folder = ROOT / OUT
    rows = []
    for stem, columns in recorders(folder, seed)[name]().items():
        if (folder / f"{stem}.v").exists() and only in (None, design(stem).block):
            rows += held(design(stem), [Trace(columns)], folder, flags)
    for row in rows:
        row.inside = True
    return rows


def of_bench(name: str, seed: int) -> list[Row]:
    """Every run of a block's bench, at all sizes that it tries."""
    rows = []
    for case in record(find(name), seed):
        entry = case.design
        complaints = emit([entry], CASES)
        if complaints:
            rows.append(Row(entry.block, entry.name, native.NAME, fault=complaints[entry.name]))
            continue
        found = list(held(entry, case.traces, CASES, QUICK))
        warnings = lint(entry, CASES)
        if warnings:
            found[0].fault = warnings[0]
        rows += found
    return rows


def of_harness(name: str, seed: int) -> list[Row]:
    """A harness in a closed loop."""
    return closed_loop.rows(design(name), seed, ROOT / OUT)


def tasks(quick: bool, only: str | None) -> list[tuple[str, tuple]]:
    """Functions of this module and their arguments, the longest first."""
    groups = [("of_group", (name,)) for name in reversed(recorders(ROOT / OUT, 0))]
    loops = [] if quick else [("of_harness", (name,)) for name in reversed(closed_loop.HARNESSES)]
    benches = [] if quick else [("of_bench", (block_name(module),)) for module in reversed(BLOCKS)]
    return groups + [task for task in loops + benches if only in (None, *task[1])]


def run(quick: bool, only: str | None, seed: int) -> list[Row]:
    """All rows; what is done is told on stderr as it comes."""
    rows: list[Row] = []
    start = perf_counter()
    todo = tasks(quick, only)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = {}
        for function, arguments in todo:
            more = (only, QUICK if quick else FAST) if function == "of_group" else ()
            waiting[pool.submit(globals()[function], *arguments, seed, *more)] = arguments[0]
        for count, done in enumerate(as_completed(waiting), 1):
            found = done.result()
            rows += found
            wrong = sum(not row.ok for row in found)
            said = f"{wrong} of {len(found)} replays differ or fail" if wrong else f"{len(found)} replays agree"
            if found:
                print(f"{perf_counter() - start:5.0f} s  {count} of {len(todo)}  {waiting[done]}: {said}",
                      file=sys.stderr, flush=True)
    return rows


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0, or 1 if anything differs, or 2 for a name that is none or a tool that is missing."""
    parser = argparse.ArgumentParser(prog="make xcheck", description="Replay recorded pins in four simulators.")
    parser.add_argument("--quick", action="store_true", help="each design once, compiled in haste: speeds mean nothing")
    parser.add_argument("--block", metavar="NAME", help="one block (default: all)")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of all random stimuli (default {SEED})")
    parser.add_argument("--write", action="store_true", help="let the book quote this run's counts and speeds")
    options = parser.parse_args(arguments)
    try:
        if options.block is not None:
            find(options.block)
    except ValueError as error:
        print(f"xcheck: {error}", file=sys.stderr)
        return 2
    if absent := missing():
        print("\n".join(absent), file=sys.stderr)
        return 2
    blocks = [entry for entry in DESIGNS if options.block in (None, entry.block)]
    print(f"Emitting {len(blocks)} designs; then models are compiled, which takes minutes, once", file=sys.stderr)
    complaints = emit(DESIGNS, ROOT / OUT)
    warnings = [line for entry in blocks if entry.name not in complaints for line in lint(entry, ROOT / OUT)]
    rows = [] if complaints or warnings else run(options.quick, options.block, options.seed)
    for line in [*complaints.values(), *warnings]:
        print(line, file=sys.stderr)
    if not rows:
        return 1
    print(table(rows))
    print(closing_line(rows))
    if not all(row.ok for row in rows):
        return 1
    return 0 if options.block is not None else recorded(rows, options)


def recorded(rows: list[Row], options: argparse.Namespace) -> int:
    """Write the table of what works inside the wholes, and hold it to the one that the book quotes."""
    inside = [record for record in totals([row for row in rows if row.inside]) if record["backend"] in NAMES]
    text = (json.dumps(inside, indent=1) + "\n").encode()
    write_atomically(TABLE, text)
    if options.write:
        write_atomically(KEPT, text)
    if options.seed != SEED:
        return 0
    fresh = [simulators_row(**record) for record in inside]
    if not options.quick:
        for line in far_off(simulators(), fresh):
            print(f"note: {line}", file=sys.stderr)
    found = unlike(simulators(), fresh)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(f"{KEPT.relative_to(ROOT)} is not what was found: run `make xcheck ARGS=--write`", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

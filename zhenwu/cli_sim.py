"""What `zhenwu sim` runs: every block, two matrices of the user's on the tile, or on the slice."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from zhenwu.bad_input import BadInput

if TYPE_CHECKING:
    from zhenwu.cosim.asked import Asked

RANGES = "ZHENWU_RANGES"  # read by hdl/__init__.py, before the first block is imported, in worker processes too


def sim_blocks(block: str | None, seed: int, quick: bool, ranges: bool) -> int:
    """Check one block or all of them, print the table, write the report; the exit status."""
    if ranges:
        os.environ[RANGES] = "1"
    from zhenwu.cosim.catalogue import BLOCKS, find

    try:
        modules = [find(block)] if block is not None else BLOCKS
    except ValueError as error:
        raise BadInput(str(error)) from None
    from zhenwu.cosim.evidence import Mismatch
    from zhenwu.cosim.report import REPORT, write_report
    from zhenwu.cosim.table import closing_line, console, gather, range_checks_on, ranges_line, show

    try:
        ranges = range_checks_on(ranges)
    except ValueError as error:
        raise BadInput(str(error)) from None
    check_report_folder()
    if ranges:
        console(stderr=True).print("Range checks of int locals are on", highlight=False)
    rows = gather(modules, seed, quick)
    output = console()

    def again(found: Mismatch) -> str:
        switches = (" --quick" if quick else "") + (" --ranges" if ranges else "")
        return f"zhenwu sim --block {found.block} --seed {found.seed}{switches}"

    show(rows, output, again)
    write_report(rows, again)
    output.print(f"\nReport: {REPORT}", highlight=False)
    if ranges:
        output.print(ranges_line(rows), highlight=False, soft_wrap=True)
    output.print(closing_line(rows), highlight=False, soft_wrap=True)
    checked = not ranges or any(row.ranges for row in rows)
    return 0 if checked and all(row.ok for row in rows) else 1


def check_report_folder() -> None:
    from zhenwu.cosim.files import SIM_FOLDER, try_folder

    try:
        try_folder(SIM_FOLDER)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadInput(f"{SIM_FOLDER}: {reason}; expected a folder that can be made and written") from None


def sim_matrices(a: Path, b: Path, out: Path | None, asked: "Asked", seed: int) -> int:
    from zhenwu.cosim.table import closing_line, console, show, working
    from zhenwu.cosim.user_matmul import InputError, checked

    try:
        matmul = checked(a, b, out, asked)
    except InputError as error:
        raise BadInput(str(error)) from None
    m, n, k = matmul.job.shape
    least = f"at least {matmul.least_cycles:,} cycles, some hundred a second"
    with working(f"{m} x {n} x {k} on the {asked.array} tile: {least}") as advance:
        row = matmul.run(seed, advance)
    output = console()
    files = f"--a {shlex.quote(str(a))} --b {shlex.quote(str(b))}"
    show([row], output, lambda found: f"zhenwu sim {files}{asked.options} --seed {found.seed}")
    if row.ok and out is not None:
        output.print(f"\nC written to {out}", highlight=False, soft_wrap=True, markup=False)
    output.print(closing_line([row]), highlight=False, soft_wrap=True)
    return 0 if row.ok else 1


def sim_slice(
    a: Path, b: Path, out: Path | None, asked: "Asked", seed: int, given: dict[str, str | None]
) -> int:
    from zhenwu.cosim.evidence import Mismatch
    from zhenwu.cosim.report import write_report
    from zhenwu.cosim.table import closing_line, console, show, working
    from zhenwu.cosim.user_matmul import InputError
    from zhenwu.cosim.user_slice import REPORT, checked

    try:
        base = "0" if given["--base"] is None else given["--base"]
        mine = checked(a, b, out, asked, given["--queues"], given["--refresh-start"], base)
    except InputError as error:
        raise BadInput(str(error)) from None
    check_report_folder()
    m, n, k = mine.work.jobs[0].shape
    with working(f"{m} x {n} x {k}, cycle models: at least {mine.least_cycles:,} CK") as advance:
        model = mine.predict(advance)
    with working(f"{m} x {n} x {k}, {asked.array} slice: {model.spans[-1].settled:,} CK foretold") as advance:
        row = mine.run(seed, model, advance)
    options = "".join(f" {name} {value}" for name, value in given.items() if value is not None)

    def again(found: Mismatch) -> str:
        files = f"--a {shlex.quote(str(a))} --b {shlex.quote(str(b))}"
        return f"zhenwu sim --slice {files}{asked.options}{options} --seed {found.seed}"

    output = console()
    show([row], output, again)
    write_report([row], again, REPORT)
    output.print(f"\nReport: {REPORT}", highlight=False)
    if row.ok and out is not None:
        output.print(f"C written to {out}", highlight=False, soft_wrap=True, markup=False)
    output.print(closing_line([row]), highlight=False, soft_wrap=True)
    return 0 if row.ok else 1

"""A reader's own matrices on the slice: checked here, multiplied from DRAM to DRAM, and every bit and command checked.

Both cycle models run first: they say how many CK the hardware will take, which is the measure of progress.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from hdl.bench.coverage import Coverage
from zhenwu.cosim.asked import Asked
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.files import SIM_FOLDER
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.figures import balance_note
from zhenwu.cosim.slice.slice import check_work, predicted
from zhenwu.cosim.slice.slice_bench import Work
from zhenwu.cosim.tile.host import Host, Progress, no_progress
from zhenwu.cosim.tile.jobs import require_room
from zhenwu.cosim.tile.tile_bench import sized_job
from zhenwu.cosim.user_matmul import (
    InputError,
    check_out,
    check_room,
    check_shapes,
    check_tile,
    load_matrix,
    with_residual,
    write_product,
)
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.slice import SliceRun
from zhenwu.golden.tile.layout import line_of
from zhenwu.spec.hbm3 import HBM3_6400

REPORT = SIM_FOLDER / "slice_report.html"
MOST_CK = 4_000_000


@dataclass(frozen=True)
class UserSlice:
    """Matrices that have been checked, compiled, and placed in a device's memory; and where C goes."""

    work: Work
    out: Path | None

    @property
    def least_cycles(self) -> int:
        """CK that the array and DQ need at least."""
        job = self.work.jobs[0]
        return max(job.mma_cycles, job.lines_moved * HBM3_6400.total("nBL"))

    def predict(self, progress: Progress = no_progress) -> SliceRun:
        """The run on both cycle models alone; `progress` is told the CK so far, of those that it takes at least."""
        return predicted(self.work, lambda now: progress(min(now, self.least_cycles), self.least_cycles))

    def run(self, seed: int, model: SliceRun, progress: Progress = no_progress) -> Evidence:
        """Multiply on the hardware; write C, as the device holds it, only if every bit and every command was checked.

        `progress` is told the CK so far, of those that `model` took.
        """
        hosts: list[Host] = []
        evidence = check_work(
            self.work, seed=seed, coverage=Coverage(BINS), progress=progress, model=model, hosts=hosts
        )
        if self.out is not None and evidence.ok:
            write_product(self.out, hosts[0].product(self.work.jobs[0]))
        # one job plans no coverage: which situations it meets is up to the reader's matrices
        notes = (*evidence.notes, balance_note(self.work.rows, self.work.cols))
        return replace(evidence, bins={}, planned={}, notes=notes)


def checked(
    a_path: Path, b_path: Path, out: Path | None, asked: Asked, queues: str | None, refresh_start: str | None,
    base: str,
) -> UserSlice:
    """Read and check what a user gave; InputError before anything is simulated or written."""
    tile = check_tile(asked)
    controller_sizes = check_controller(queues, refresh_start)
    first_line = check_base(base)
    if out is not None:
        check_out(out, a_path, b_path, *([] if asked.residual is None else [asked.residual]))
    a, b = load_matrix("--a", a_path), load_matrix("--b", b_path)
    check_shapes(a_path, a.shape, b_path, b.shape)
    tile, size = with_residual(tile, asked, (len(a), len(b))), (len(a), len(b), a.shape[1])
    check_room(a_path, b_path, size, tile.wanted)
    try:
        require_room(*size, first_line, tile.wanted)
    except ValueError as error:
        raise InputError(f"--base {base}: {error}") from None
    job = sized_job("your matrices", a, b, tile.rows, tile.cols, first_line, tile.wanted)
    work = Work([job], tile.rows, tile.cols, controller_sizes, (tile.wanted.fmt.name,), tile.latency)
    return check_length(UserSlice(work, out))


def check_controller(queues: str | None, refresh_start: str | None) -> dict[str, int]:
    """The controller's arguments; the block itself says what it cannot have."""
    sizes: dict[str, int] = {}
    given = []
    if queues is not None:
        match = re.fullmatch(r"(\d{1,9})(?:\+(\d{1,9}))?", queues, re.ASCII)
        if match is None:
            raise InputError(f"--queues {queues}: expected entries of the read and the write queue, such as 32+32")
        sizes |= {"read_entries": int(match[1]), "write_entries": int(match[2] or match[1])}
        given.append(f"--queues {queues}")
    if refresh_start is not None:
        if not re.fullmatch(r"\d{1,9}", refresh_start, re.ASCII):
            raise InputError(f"--refresh-start {refresh_start}: expected a number of CK after reset, such as 700")
        sizes |= {"refresh_start": int(refresh_start)}
        given.append(f"--refresh-start {refresh_start}")
    try:
        Controller(**sizes)
    except ValueError as error:
        raise InputError(f"{', '.join(given)}: {error}") from None
    return sizes


def check_base(base: str) -> int:
    """The line at a byte address, decimal or after 0x."""
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}|\d{1,18}", base, re.ASCII):
        raise InputError(f"--base {base}: expected a byte address, such as 4096 or 0x1000")
    try:
        return line_of(int(base, 16 if base[:2] in ("0x", "0X") else 10))
    except ValueError as error:
        raise InputError(f"--base {base}: {error}") from None


def check_length(mine: UserSlice) -> UserSlice:
    """Refuse a product that would take more than hours, and more commands than a machine remembers."""
    if mine.least_cycles > MOST_CK:
        m, n, k = mine.work.jobs[0].shape
        raise InputError(
            f"--a, --b: m = {m}, n = {n}, k = {k} take at least {mine.least_cycles:,} CK; expected at most "
            f"{MOST_CK:,}, some hours of simulation"
        )
    return mine

"""`zhenwu run`: a reader's own programs, in assembly, on the tile."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhenwu.bad_input import BadInput

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from zhenwu.cosim.asked import Asked
    from zhenwu.cosim.tile.host import Job, Lines
    from zhenwu.cosim.user_matmul import UserTile
    from zhenwu.cosim.user_program import UserProgram
    from zhenwu.cycle.tile.program_run import Ran

COUNTS = ("busy", "starved", "blocked", "draining", "conflicts")
BUDGET = 4_000_000  # cycles: hours in RTL, minutes on the cycle model


def run(
    program: Annotated[Path, typer.Argument(help="In assembly, as zhenwu program prints it.", metavar="PROGRAM.asm")],
    a: Annotated[Path | None, typer.Option(help="A[m,k], a .npy file of floats.", metavar="A.npy")] = None,
    b: Annotated[Path | None, typer.Option(help="B[n,k], a .npy file of floats.", metavar="B.npy")] = None,
    fmt: Annotated[
        str, typer.Option("--format", help="Of A and B in memory: mxfp4, mxfp8, w4a8 or bf16.", metavar="NAME")
    ] = "mxfp4",
    rule: Annotated[str, typer.Option(help="Of their block scales: floor, even or rceil.", metavar="NAME")] = "floor",
    out: Annotated[Path | None, typer.Option(help="Where to write C[m,n] as float32.", metavar="C.npy")] = None,
    memory: Annotated[
        Path | None, typer.Option(help="Lines in memory before: .npy from line 0 on, or .npz.", metavar="FILE")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Where to write the lines in memory after.", metavar="FILE.npz")
    ] = None,
    array: Annotated[str, typer.Option(help="Dot units of the tile: 2x2, 4x4 or 8x8.", metavar="RxC")] = "4x4",
    latency: Annotated[str, typer.Option(help="Cycles of the tile's adder, 1 to 4.", metavar="N")] = "1",
    memory_latency: Annotated[
        int, typer.Option(min=2, max=10_000, help="Cycles from a read to its line.", metavar="N")
    ] = 32,
    cycles_per_line: Annotated[
        int, typer.Option(min=1, max=1_000, help="Cycles that memory takes for a line of 32 bytes.", metavar="N")
    ] = 1,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Run what the check refuses too: it may trap, or hang.")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Leave RTL out: golden and cycle model alone, a hundred times as fast.")
    ] = False,
    budget: Annotated[
        int, typer.Option(min=1, help="Cycles after which programs are left that have not ended.", metavar="N")
    ] = BUDGET,
) -> None:
    """Run programs on the tile: in RTL, every cycle beside the cycle model, every line that they write beside golden.

    A comment such as "# program 2 of 3" begins a program; each starts when the one before it is done. Addresses and
    strides count lines of 32 bytes. --a and --b lie in memory as zhenwu program of the same --format expects them, and
    C where it leaves it; --out writes C if the programs have stored all of it. A .npz file of --memory and --save has
    two arrays, address[n] and line uint8[n, 32]; a line that no file gives reads as a hash of its address.

    A program that would trap, hang, reach beyond memory or read a line too early is refused, and the instruction named.
    With --unchecked it runs until it ends, or until nothing has moved for a thousand cycles more than memory takes.
    Ends 0 if all programs finished as their models say, 1 if not, 2 on bad input.
    """
    from zhenwu.cosim.asked import Asked
    from zhenwu.cosim.user_matmul import InputError

    asked = Asked(array, fmt, rule=rule, latency=latency)
    try:
        if (a is None) != (b is None):
            raise InputError(f"{'--a' if a is None else '--b'}: is missing; expected both --a A.npy and --b B.npy")
        if a is None and out is not None:
            raise InputError(f"--out {out}: there is no product to write; expected --a and --b as well")
        files = Files(program, a, b, out, memory, save)
        raise typer.Exit(run_files(files, asked, (memory_latency, cycles_per_line), unchecked, model, budget))
    except InputError as error:
        raise BadInput(str(error)) from None


@dataclass(frozen=True)
class Files:
    """What is read and what is written, as typed."""

    program: Path
    a: Path | None
    b: Path | None
    out: Path | None
    memory: Path | None
    save: Path | None

    @property
    def read(self) -> list[Path]:
        """Those that must stay as they are."""
        return [path for path in (self.program, self.a, self.b, self.memory) if path is not None]


def run_files(
    files: Files, asked: "Asked", memory: tuple[int, int], unchecked: bool, model: bool, budget: int
) -> int:
    """Read, check, run and write; the exit status."""
    from zhenwu.cosim.memory_file import load_lines, save_lines
    from zhenwu.cosim.program_run import Setting, agrees, finished, foretold, golden_task, in_hardware
    from zhenwu.cosim.table import console, show, working
    from zhenwu.cosim.user_matmul import InputError, check_out, check_tile
    from zhenwu.cosim.user_program import checked_program, least_cycles, read_programs

    tile = check_tile(asked)
    setting = Setting(tile.rows, tile.cols, tile.latency, *memory)
    for option, path in (("--out", files.out), ("--save", files.save)):
        if path is not None:
            check_out(path, *files.read, option=option)
    if files.out is not None and files.save is not None and files.out.resolve() == files.save.resolve():
        raise InputError(f"--save {files.save}: is what --out writes; expected another file")
    programs = read_programs(files.program)
    job = None if files.a is None else product_job(files, tile)
    image = ({} if files.memory is None else load_lines("--memory", files.memory)) | ({} if job is None else job.image)
    least = least_cycles(programs)
    if least > budget:
        raise InputError(f"{files.program}: takes at least {least:,} cycles; expected at most --budget {budget}")
    with working(f"{files.program}: checks"):
        programs = [checked_program(program) for program in programs]
    output = console()
    for refused in [program.refused for program in programs if program.refused]:
        if not unchecked:
            raise InputError(f"{refused}; --unchecked runs it all the same")
        output.print(f"Run unchecked: {refused}", highlight=False, soft_wrap=True, markup=False)

    with working(f"{files.program}: cycle model, at least {least:,} cycles") as advance:
        runs = foretold(programs, setting, budget, advance)
    with working(f"{files.program}: golden model"):
        task = golden_task(programs, image, runs, setting)
    host, right = None, True
    cycles = sum(run.cycles for run in runs)
    if not model and (runs[-1].status is not None or runs[-1].hangs):
        with working(f"{files.program}: RTL, {cycles:,} cycles foretold, some hundred a second") as advance:
            host, evidence = in_hardware(task, runs, setting, advance)
        right = agrees(runs, host, evidence)
    output.print(table_of(programs, runs, output.is_terminal))
    for sentence in sentences(programs, runs):
        output.print(sentence, highlight=False, soft_wrap=True, markup=False)
    if not right:
        show([evidence], output, lambda found: shlex.join(["zhenwu", *sys.argv[1:]]))
        output.print("FAILED: RTL and its models differ; nothing is written", highlight=False)
        return 1
    known = task.written is not None
    output.print(agreement(host is not None, len(task.written) if known else None), highlight=False, soft_wrap=True)
    ends = 0 if finished(runs, programs) else 1
    if host is None and not known:
        if files.save is None and files.out is None:
            return ends
        output.print("Nothing is written: only RTL, run to its end, knows what such a program stores", highlight=False)
        return 1
    lines = image | task.written if host is None else host.store.lines
    if files.save is not None:
        save_lines(files.save, lines)
        output.print(f"Memory written to {files.save}", highlight=False, soft_wrap=True, markup=False)
    return ends if job is None or write_result(files.out, job, lines, output) else 1


def product_job(files: Files, tile: "UserTile") -> "Job":
    """A and B where the compiler puts them, and what it would make of them."""
    from zhenwu.cosim.tile.tile_bench import sized_job
    from zhenwu.cosim.user_matmul import check_room, check_shapes, load_matrix

    a, b = load_matrix("--a", files.a), load_matrix("--b", files.b)
    check_shapes(files.a, a.shape, files.b, b.shape)
    check_room(files.a, files.b, (len(a), len(b), a.shape[1]), tile.wanted)
    return sized_job("your matrices", a, b, tile.rows, tile.cols, wanted=tile.wanted)


def write_result(out: Path | None, job: "Job", lines: "Lines", output: "Console") -> bool:
    """Say whether memory holds the product, and write C on demand; False where it should be written and is not all
    there.
    """
    from zhenwu.cosim.program_run import product_in
    from zhenwu.cosim.user_matmul import write_product

    missing = [line for line in sorted(job.written) if line not in lines]
    if missing:
        said = f"C is not whole: the programs store {len(job.written) - len(missing)} of its {len(job.written)} lines"
        output.print(said, highlight=False)
        return out is None
    c = product_in(lines, job.result)
    wrong = int((c.view("uint32") != job.product).sum())
    same = "is A times B transposed, bit for bit" if not wrong else (
        f"differs from A times B transposed in {wrong:,} of {c.size:,} numbers")
    written = ""
    if out is not None:
        write_product(out, c)
        written = f", written to {out},"
    output.print(f"C{written} {same}", highlight=False, soft_wrap=True, markup=False)
    return True


def table_of(programs: "Sequence[UserProgram]", runs: "Sequence[Ran]", terminal: bool) -> "Table":
    """A row for each program that was run."""
    from rich import box
    from rich.table import Column, Table

    columns = ("program", "instructions", "cycles", *COUNTS)
    table = Table(*(Column(name, justify="right") for name in columns), "end",
                  box=box.SIMPLE_HEAD if terminal else box.MARKDOWN)
    for index, (program, ran) in enumerate(zip(programs, runs, strict=False), start=1):
        numbers = index, len(program.lines), ran.cycles, *(ran.counts[name] for name in COUNTS)
        table.add_row(*(f"{number:,}" for number in numbers), end_of(ran))
    return table


def end_of(ran: "Ran") -> str:
    """How a program ended, in a word."""
    from zhenwu.spec.isa import BAD_INSTRUCTION, STATUS_CODE

    if ran.status is None:
        return "HANGS" if ran.hangs else "LEFT"
    return "BAD_INSTRUCTION" if ran.status & (1 << STATUS_CODE.width) - 1 == BAD_INSTRUCTION else "FINISHED"


def sentences(programs: "Sequence[UserProgram]", runs: "Sequence[Ran]") -> list[str]:
    """Why the last program that was run did not finish, and which were not run."""
    program, ran, rest = programs[len(runs) - 1], runs[-1], len(programs) - len(runs)
    where, end = program.place(ran.at), end_of(ran)
    said = []
    if end == "BAD_INSTRUCTION":
        said = [f"{where}: BAD_INSTRUCTION at instruction {ran.at}: {program.why_trap}"]
    elif end == "HANGS":
        stands = f"at instruction {ran.at}" if ran.at < len(program.lines) else "behind the last instruction"
        said = [f"{where}: hangs {stands}: nothing moved any more, for longer than memory takes"]
    elif end == "LEFT":
        said = [f"{where}: left at instruction {ran.at} after --budget {ran.cycles}; expected it to end by then"]
    if rest:
        said.append(f"Not run: the {rest} program{'s' * (rest > 1)} behind it")
    return said


def agreement(rtl: bool, lines: int | None) -> str:
    """Who agrees on what."""
    told = "what is stored is not checked, as the golden model does not run such a program"
    if lines is not None:
        told = f"lines stored: {lines:,}" + (", all as in the golden model" if rtl else ", from the golden model")
    return f"{'RTL and cycle model agree in every cycle' if rtl else 'RTL was left out'}; {told}"

"""`zhenwu ...`: the command line, thin. Bad input ends with one sentence on stderr and exit status 2."""

import secrets
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from zhenwu.bad_input import BadInput, seed_of
from zhenwu.cli_agent import app as agent
from zhenwu.cli_count import count
from zhenwu.cli_qwen import qwen
from zhenwu.cli_regress import regress as run_regress
from zhenwu.cli_regress import reproduce as run_reproduce
from zhenwu.cli_run import run
from zhenwu.cli_sim import sim_blocks, sim_matrices, sim_slice

app = typer.Typer(
    name="zhenwu",
    help="An AI chip from an agent session down to its gates, every rung executable.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended, and what typer makes of it
UsageError = typer.BadParameter.__base__  # what typer itself raises; it exports no name for it
SEED = typer.Option(help="Seed of all stimulus and stalls; the same seed repeats a run exactly.", metavar="N")
QUICK = typer.Option("--quick", help="About a tenth of the cases.")


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            print(f"zhenwu {version('zhenwu')}")
        except PackageNotFoundError:
            print("zhenwu, run from its folder without being installed")
        raise typer.Exit


app.add_typer(qwen, name="qwen")
app.command()(count)
app.command()(run)
app.add_typer(agent, name="agent")


@app.callback(invoke_without_command=True)
def zhenwu(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """An AI chip from an agent session down to its gates, every rung executable."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def sim(
    block: Annotated[str | None, typer.Option(help="Check only this block.", metavar="NAME")] = None,
    seed: Annotated[str, SEED] = "1",
    quick: Annotated[bool, QUICK] = False,
    ranges: Annotated[
        bool, typer.Option("--ranges", help="Stop where an int of a block does not fit Verilog's 32 bits; slower.")
    ] = False,
    a: Annotated[Path | None, typer.Option(help="Your own A[m,k], a .npy file of floats.", metavar="A.npy")] = None,
    b: Annotated[Path | None, typer.Option(help="Your own B[n,k], a .npy file of floats.", metavar="B.npy")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write C[m,n] as float32.", metavar="C.npy")] = None,
    array: Annotated[str, typer.Option(help="Dot units of the tile: 2x2, 4x4 or 8x8.", metavar="RxC")] = "4x4",
    fmt: Annotated[
        str, typer.Option("--format", help="How they are multiplied: mxfp4, mxfp8, w4a8 or bf16.", metavar="NAME")
    ] = "mxfp4",
    store: Annotated[
        str, typer.Option(help="How C is stored: float32, or quantised along n: mxfp4 or mxfp8.", metavar="NAME")
    ] = "float32",
    rule: Annotated[
        str, typer.Option(help="How block scales are chosen: floor, even or rceil.", metavar="NAME")
    ] = "floor",
    residual: Annotated[
        Path | None, typer.Option(help="R[m,n] that is added to C before it is stored.", metavar="R.npy")
    ] = None,
    latency: Annotated[str, typer.Option(help="Cycles of the tile's adder, 1 to 4.", metavar="N")] = "1",
    on_slice: Annotated[
        bool, typer.Option("--slice", help="Multiply them on the slice: tile, memory controller and an HBM3 device.")
    ] = False,
    queues: Annotated[
        str | None, typer.Option(help="The slice's read and write queue entries.", metavar="R+W", show_default="32+32")
    ] = None,
    refresh_start: Annotated[
        str | None, typer.Option(help="CK of the slice's first refresh after reset.", metavar="CK", show_default="6240")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Byte address of A in the slice's memory; B and C follow.", metavar="ADDRESS",
                                 show_default="0")
    ] = None,
) -> None:
    """Simulate the blocks in MyHDL and check every bit against their models.

    Without --a and --b: every block on its own, the memory controller with a device on its pins, the tile and the
    slice on real input; prints the evidence table and writes build/sim/report.html. With them: C = A . B^T + R on the
    tile, k being the last axis of both; float16, bfloat16, float32 and float64 are taken, NaN and infinity refused.
    --out gets the numbers that memory holds at the end. With --slice as well: from HBM3 to HBM3, with
    build/sim/slice_report.html. Ends 0 only if nothing mismatched and nothing was skipped, 1 on a mismatch, 2 on bad
    input.
    """
    of_slice = {"--queues": queues, "--refresh-start": refresh_start, "--base": base}
    for name, value in of_slice.items():
        if value is not None and not on_slice:
            raise BadInput(f"{name} {value}: belongs to the slice; expected --slice as well")
    from zhenwu.cosim.asked import Asked

    asked = Asked(array, fmt, store, rule, latency, residual)
    if a is not None or b is not None:
        if a is None or b is None:
            raise BadInput(f"{'--a' if a is None else '--b'}: is missing; expected both --a A.npy and --b B.npy")
        if block is not None:
            raise BadInput(f"--block {block}: cannot go with --a and --b; expected one or the other")
        if quick:
            raise BadInput("--quick: cannot go with --a and --b; expected one or the other")
        if ranges:
            raise BadInput("--ranges: cannot go with --a and --b; expected one or the other")
        if on_slice:
            raise typer.Exit(sim_slice(a, b, out, asked, seed_of(seed), of_slice))
        raise typer.Exit(sim_matrices(a, b, out, asked, seed_of(seed)))
    if asked.options:
        raise BadInput(f"{asked.options.strip()}: there are no matrices to multiply; expected --a and --b as well")
    if on_slice:
        raise BadInput("--slice: expected --a and --b as well; --block slice runs it on matrices of ours")
    if out is not None:
        raise BadInput(f"--out {out}: there is no product to write; expected --a and --b as well")
    raise typer.Exit(sim_blocks(block, seed_of(seed), quick, ranges))


@app.command()
def grade(
    chapter: Annotated[str, typer.Argument(help="The chapter's file, such as exact_dot_product.")],
    notebook: Annotated[
        Path | None, typer.Argument(help="Your notebook.", show_default="CHAPTER.ipynb in this folder")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Seed of the hidden cases.", metavar="N", show_default="drawn anew, printed")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Seconds that a cell may run.", metavar="SECONDS")] = 120,
) -> None:
    """Run a chapter's notebook and judge your answers to its exercises: right, wrong with a hint, or not answered yet.

    An answer is tried on the cases that the book shows and on others, which a seed draws, and stopped after 60 s. The
    notebook runs in its own folder and its file stays as it is. Ends 0 if all is right, 1 if not, 2 on bad input.
    """
    from zhenwu.exercises import Unusable, of_chapter

    try:
        of_chapter(chapter)
        from zhenwu.exercises.grade import grade as graded

        drawn = secrets.randbelow(10**6) if seed is None else seed_of(seed)
        raise typer.Exit(graded(chapter, notebook or Path(f"{chapter}.ipynb"), drawn, limit))
    except ModuleNotFoundError as error:
        lacking = f"zhenwu grade runs notebooks with nbclient, and there is no {error.name} here"
        raise BadInput(f"{lacking}; expected it after python -m pip install nbclient ipykernel") from None
    except Unusable as error:
        raise BadInput(str(error)) from None


@app.command()
def bench(
    seed: Annotated[str, SEED] = "1",
) -> None:
    """Print how fast the array, the tile and the controller simulate in MyHDL, in clock cycles a processor second, and
    which share of the memory's peak the controller reaches at several depths, on its cycle model; how long a golden
    matmul takes in each number format, as a multiple of a float32 matmul of the same shape on one thread, its target,
    and whether its bits are those of the plain definition; how busy the tile's array is and how well its cycles are
    predicted, for random products; and how fast each number format computes the small agent, and how often it is wrong.
    """
    from zhenwu.console import console
    from zhenwu.cosim.golden_speed import golden_ratios, line
    from zhenwu.cosim.speed import speeds
    from zhenwu.cosim.tile.figures import figures
    from zhenwu.cycle.hbm.depths import depths
    from zhenwu.study.short import short_study

    output = console()
    for speed in speeds(seed_of(seed)):
        output.print(f"{speed.what:36} {speed.cycles_per_s:8,.0f} cycles/s  {speed.relation}", highlight=False)
    for depth, share in depths(seed_of(seed)):
        output.print(f"{depth!s:42} {share.achieved:.4f} of DQ's peak, bound {share.bound:.4f}", highlight=False)
    output.print("These bounds count turns of direction and refreshes, not rows and bank groups.")
    output.print("golden matmul:")
    for ratio in golden_ratios(seed_of(seed)):
        output.print(line(ratio), highlight=False, soft_wrap=True)
    output.print("compute tile, RTL without dot units:")
    with console(stderr=True).status("timing products") as status:
        for sentence in figures(seed_of(seed), progress=lambda done: status.update(f"{done} random products timed")):
            output.print(sentence, highlight=False, soft_wrap=True)
    for outcome, speed in short_study(seed_of(seed)):
        low, high = outcome.error_interval
        wrong = f"{outcome.wrong} of {outcome.turns:,} turns of the small agent wrong"
        output.print(
            f"{outcome.cell.first!s:42} {speed:.2f} of float32's speed, {wrong}, {outcome.error:.2g} a turn "
            f"({low:.2g} to {high:.2g})", highlight=False, soft_wrap=True,
        )


@app.command()
def regress(
    design: Annotated[
        str | None, typer.Option(help="Only one: controller, tile or slice.", metavar="NAME", show_default="all")
    ] = None,
    cycles: Annotated[
        int | None, typer.Option(help="Cycles of the controller, in proportion of the others; or of the --design.",
                                 metavar="N", show_default="10,000,000")
    ] = None,
    seed: Annotated[str, typer.Option(help="What the seeds of all runs are drawn from.", metavar="N")] = "1",
    backend: Annotated[str, typer.Option(help="verilator or cxxrtl.", metavar="NAME")] = "verilator",
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget which runs are done already.")] = False,
    reproduce: Annotated[
        Path | None, typer.Option(help="Repeat a failure in MyHDL, which needs no other tool.", metavar="FILE")
    ] = None,
) -> None:
    """Run controller, tile and slice as compiled Verilog for millions of random cycles, beside their models.

    Every 1,000 cycles a signature of all pins is compared. Runs that are done are noted in build/regress: after Ctrl-C
    the same command goes on. Of the first failure of each design it finds the first wrong cycle, the shortest piece of
    the run that shows it in MyHDL, and writes a picture of its pins. Ends 0 if all agreed, 1 if not, 2 on bad input or
    where a tool is missing; with --reproduce 1 while the fault is there, 0 when it is mended.
    """
    if reproduce is not None:
        if design is not None or cycles is not None or fresh:
            raise BadInput("--reproduce: the file says which design and cycles; expected it alone")
        raise typer.Exit(run_reproduce(reproduce))
    raise typer.Exit(run_regress(design, cycles, seed_of(seed), backend, fresh))


@app.command()
def program(
    m: Annotated[int, typer.Argument(min=1, help="Rows of A and of C.")],
    n: Annotated[int, typer.Argument(min=1, help="Rows of B, columns of C.")],
    k: Annotated[int, typer.Argument(min=1, help="Columns of A and of B.")],
    fmt: Annotated[
        str, typer.Option("--format", help="mxfp4, mxfp8, w4a8 or bf16.", metavar="NAME")
    ] = "mxfp4",
) -> None:
    """Print the program that multiplies A[m,k] by B[n,k] on the simulated tile, in assembly; `zhenwu run` runs it."""
    from zhenwu.cosim.tile.tile_bench import HALF_STEPS, program_depth
    from zhenwu.golden.tile.assembly import disassemble
    from zhenwu.golden.tile.compile_matmul import compile_matmul
    from zhenwu.golden.tile.layout import plan
    from zhenwu.spec.isa import encode
    from zhenwu.spec.mma_formats import mma_format
    try:
        wanted = mma_format(fmt)
    except ValueError as error:
        raise BadInput(f"--{error}") from None
    try:
        programs = compile_matmul(*plan(m, n, k, fmt=wanted), HALF_STEPS, program_depth(k, wanted))
    except ValueError as error:
        raise BadInput(str(error)) from None
    for index, instructions in enumerate(programs):
        print(f"# program {index + 1} of {len(programs)}: {len(instructions)} instructions")
        print(disassemble(encode(instruction) for instruction in instructions))


@app.command()
def traces(
    path: Annotated[str | None, typer.Argument(help="A trace, .csv or .jsonl, or a folder that has one.")] = None,
    generate: Annotated[str | None, typer.Option(help="Make up so many sessions like these.", metavar="N")] = None,
    seed: Annotated[str, SEED] = "1",
    out: Annotated[Path | None, typer.Option(help="Where to write them: .csv or .csv.gz.", metavar="FILE")] = None,
) -> None:
    """Print what agent sessions ask for, of your trace or else of the tables in this package; or make sessions up."""
    from zhenwu.cli_traces import run
    try:
        run(path, generate, seed_of(seed), out)
    except ValueError as error:
        raise BadInput(str(error)) from None


def main() -> None:
    """Run the command line; whatever a user gave wrongly becomes one sentence and exit status 2."""
    try:
        status = app(prog_name="zhenwu", standalone_mode=False)
    except BadInput as error:
        print(f"zhenwu: {error}", file=sys.stderr)
        status = 2
    except UsageError as error:
        print(f"zhenwu: {error.format_message().rstrip('.')}; see zhenwu --help", file=sys.stderr)
        status = 2
    except OSError as error:
        if error.filename is not None:  # a file of ours; else it is the output that has nowhere to go
            raise
        print(f"zhenwu: the output: {error.strerror}; expected a place with room for it", file=sys.stderr)
        status = 2
    except (typer.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    if status == INTERRUPTED:
        print("zhenwu: interrupted; nothing is half-written", file=sys.stderr)
    sys.exit(status)

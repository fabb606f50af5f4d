"""`zhenwu agent ...`: train the small agent, run it, and repeat the study of how its errors compound."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from zhenwu.bad_input import BadInput, seed_of

app = typer.Typer(help="The small agent: train it, run it, study how its errors compound.", rich_markup_mode=None)
FORMATS = ("fp32", "bf16", "mxfp8", "w4a8", "nvfp4", "mxfp4")
RULES, KV, HARNESSES, SIZES = ("floor", "even", "rceil"), ("fp32", "fp8", "mxfp8", "mxfp4"), ("carry", "reset"), (
    "small", "middle", "large",
)
DEVICES = ("cpu", "cuda")
SHORTEST_CONTEXT, LONGEST_CONTEXT = 64, 2048
SHOWN = 3  # transcripts
MOST = 1_000_000  # sessions, and calls of one


def one_of(option: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise BadInput(f"{option} {value}: expected one of {', '.join(choices)}")
    return value


@app.command()
def run(
    form: Annotated[str, typer.Option("--format", help=f"Of the linear layers: {', '.join(FORMATS)}.")] = "fp32",
    rule: Annotated[str, typer.Option(help=f"Of the block scales of layers and cache: {', '.join(RULES)}.")] = "floor",
    hadamard: Annotated[bool, typer.Option("--hadamard", help="Rotate each block of 32 first.")] = False,
    kv: Annotated[str, typer.Option(help=f"Of the KV cache: {', '.join(KV)}.")] = "fp32",
    weights: Annotated[
        str, typer.Option(help="plain, qat, small, large, or a checkpoint's folder.", metavar="NAME")
    ] = "plain",
    check: Annotated[bool, typer.Option("--check", help="Check and retry with two other agents of four bits.")] = False,
    harness: Annotated[str, typer.Option(help="carry (the agent compacts) or reset (a fresh page).")] = "carry",
    context: Annotated[int, typer.Option(help="The context's limit in tokens.")] = 256,
    episodes: Annotated[int, typer.Option(min=1, max=MOST, help="Sessions.")] = 100,
    calls: Annotated[int, typer.Option(min=1, max=MOST, help="Tool calls of a session.")] = 100,
    seed: Annotated[str | None, typer.Option(metavar="N", show_default="drawn anew, printed")] = None,
    show: Annotated[int, typer.Option(min=0, help="Transcripts to print, and as many of failures.")] = SHOWN,
) -> None:
    """Run the small agent and print transcripts, how many sessions it got through, and how often a turn was wrong.

    A turn is wrong if it is not what the task asks for in the state that the agent itself is in; a session fails with
    its first wrong turn. Intervals are exact binomial ones, 95 %. Ends 0, or 2 on bad input.
    """
    one_of("--format", form, FORMATS)
    one_of("--rule", rule, RULES)
    one_of("--kv", kv, KV)
    one_of("--harness", harness, HARNESSES)
    if not SHORTEST_CONTEXT <= context <= LONGEST_CONTEXT:
        raise BadInput(f"--context {context}: expected {SHORTEST_CONTEXT} to {LONGEST_CONTEXT} tokens")
    from zhenwu.agent.mind import Format
    from zhenwu.agent.session import Harness
    from zhenwu.study.printed import run_and_print

    number = secrets.randbelow(10**6) if seed is None else seed_of(seed)
    how = Harness(harness, context, calls=calls)
    run_and_print(Format(form, rule, hadamard, kv), weights, check, how, episodes, number, show)


@app.command()
def train(
    out: Annotated[Path, typer.Argument(help="Folder to write; must not be there yet.")],
    size: Annotated[str, typer.Option(help=", ".join(SIZES))] = "middle",
    seed: Annotated[str, typer.Option(metavar="N")] = "1",
    steps: Annotated[
        int | None, typer.Option(min=1, help="Fewer steps for a trial.", show_default="of the size")
    ] = None,
    begin: Annotated[Path | None, typer.Option("--from", help="Go on from the agent in this folder.")] = None,
    qat: Annotated[str | None, typer.Option(help="Train through four bits: w4a4 or w4a8; with --from.")] = None,
    rule: Annotated[str, typer.Option(help=f"Scale rule of --qat: {', '.join(RULES)}.")] = "even",
    device: Annotated[str, typer.Option(help="cpu: one thread; cuda: a GPU that torch finds.")] = "cpu",
) -> None:
    """Train an agent on one thread and write it as a checkpoint that transformers loads, with its curve.

    Needs torch 2.13.0 and transformers, the extra `training`. The same seed on the same machine writes the same file;
    a GPU, or another machine, makes another agent. At most an hour of one core at each size. Ends 0, 2 on bad input.
    """
    one_of("--size", size, SIZES)
    one_of("--rule", rule, RULES)
    one_of("--device", device, DEVICES)
    if qat is not None:
        one_of("--qat", qat, ("w4a4", "w4a8"))
        if begin is None:
            raise BadInput(f"--qat {qat}: goes on from a trained agent; expected --from FOLDER as well")
    if out.exists():
        raise BadInput(f"{out}: is there already; expected a new folder's name")
    if begin is not None and not (begin / "config.json").is_file():
        raise BadInput(f"--from {begin}: has no config.json; expected an agent's folder")
    number = seed_of(seed)
    try:
        from zhenwu.study.trained import train_and_print
    except ModuleNotFoundError as error:
        raise BadInput(
            f"zhenwu agent train needs {error.name}, which is not here; expected it after "
            "python -m pip install torch==2.13.0 transformers"
        ) from None
    train_and_print(out, size, number, steps, begin, qat, rule, device)


@app.command()
def study(
    out: Annotated[Path, typer.Argument(help="Folder for the tables and figures.")] = Path("build/study"),
    quick: Annotated[bool, typer.Option("--quick", help="A few short sessions of each cell.")] = False,
    only: Annotated[str | None, typer.Option(help="Only cells whose group has this name.", metavar="GROUP")] = None,
) -> None:
    """Run the degradation study: formats, KV formats, remedies, long sessions; tables as Parquet, figures as SVG.

    More than an hour on two cores; --quick takes a minute. Ends 0, or 2 on bad input.
    """
    try:
        from zhenwu.study.whole import run_study
    except ModuleNotFoundError as error:
        raise BadInput(
            f"zhenwu agent study writes Parquet and figures, and there is no {error.name} here; expected it after "
            "python -m pip install polars matplotlib"
        ) from None
    run_study(out, quick, only)

"""`zhenwu agent train` from the terminal's side: progress while it runs, then its curve."""

from pathlib import Path

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from zhenwu.agent.binomial import interval
from zhenwu.bad_input import BadInput
from zhenwu.console import console
from zhenwu.training.made import make

EVERY = 100  # steps between lines where the output is no terminal


def train_and_print(
    out: Path, size: str, seed: int, steps: int | None, begin: Path | None, qat: str | None, rule: str, device: str
) -> None:
    """Train into `out` and print the curve: wrong turns of fresh lessons after so many steps and CPU seconds."""
    if device == "cuda" and not torch.cuda.is_available():
        raise BadInput("--device cuda: torch finds no such GPU here; expected --device cpu")
    screen = console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("training", total=steps)

        def show(step: int, total: int, loss: float) -> None:
            words = f"step {step:,} of {total:,}: loss {loss:.5f}"
            progress.update(task, completed=step, total=total, description=words)
            if not screen.is_terminal and step % EVERY == 0:
                screen.print(words, highlight=False)

        try:
            points = make(out, size, seed, steps, begin, qat, rule, show, device=device)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise BadInput(f"{error.filename or out}: {reason}; expected to read or write there") from None
    result = console()
    for point in points:
        counts = "; ".join(
            f"lessons of {length:,} tokens: {wrong:,} of {turns:,} turns wrong, {wrong / turns:.2g} "
            f"({interval(wrong, turns)[0]:.2g} to {interval(wrong, turns)[1]:.2g})"
            for length, (wrong, turns) in point.wrong.items()
        )
        result.print(f"after {point.steps:,} steps, {point.cpu_s:,.0f} CPU seconds: {counts}", highlight=False)
    result.print(f"written to {out}", highlight=False, soft_wrap=True)

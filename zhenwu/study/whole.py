"""The whole study: its cells on all processors, tables as Parquet, figures, and the summary that the book reads."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import polars as pl
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from zhenwu.bad_input import BadInput
from zhenwu.console import console
from zhenwu.cosim.files import try_folder
from zhenwu.study.cell import Cell, Outcome, run
from zhenwu.study.cells import cells
from zhenwu.study.figures import draw
from zhenwu.study.summary import as_text, summary

TURNS, CELLS, SUMMARY = "turns.parquet", "cells.parquet", "agent_study.json"


def run_study(out: Path, quick: bool, only: str | None) -> None:
    """Run all cells, or those of one group, and write the folder; BadInput where that cannot be."""
    groups = cells(quick)
    if only is not None and only not in groups:
        raise BadInput(f"--only {only}: expected one of {', '.join(groups)}")
    try:
        try_folder(out)
    except OSError as error:
        raise BadInput(f"{out}: {(error.strerror or str(error)).lower()}; expected a folder to write") from None
    wanted = [(name, cell) for name, group in groups.items() if only in (None, name) for cell in group]
    outcomes: list[Outcome | None] = [None] * len(wanted)
    screen, result = console(stderr=True), console()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("cells", total=len(wanted))
        for place, outcome in run_all([cell for _, cell in wanted]):
            outcomes[place] = outcome
            progress.update(task, advance=1, description=str(outcome.cell))
            low, high = outcome.error_interval
            line = f"{wanted[place][0]}: {outcome.cell}: {outcome.wrong:,} of {outcome.turns:,} turns wrong"
            screen.print(f"{line}, {outcome.error:.2g} ({low:.2g} to {high:.2g}), {outcome.cpu_s:.0f} CPU s",
                         highlight=False, soft_wrap=True)
    done = [(name, outcome) for (name, _), outcome in zip(wanted, outcomes, strict=True)]
    write(out, done)
    result.print(f"written to {out}: {', '.join(sorted(path.name for path in out.iterdir()))}", highlight=False,
                 soft_wrap=True)


def run_all(wanted: list[Cell]) -> Iterator[tuple[int, Outcome]]:
    """The outcomes as they come, each with its place; the longest cells begin first."""
    cost = {
        place: cell.sessions * (cell.harness.calls or 1) * (3 if cell.check else 1) * (500 + cell.harness.limit)
        for place, cell in enumerate(wanted)
    }
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(run, wanted[place]): place for place in sorted(cost, key=cost.get, reverse=True)}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def write(out: Path, done: list[tuple[str, Outcome]]) -> None:
    """Both tables, the summary and the figures; each file appears whole or not at all."""
    found = summary(done)
    turns = pl.concat([
        pl.DataFrame({"cell": [place] * outcome.turns, **outcome.columns}, schema_overrides={"cell": pl.Int16})
        for place, (_, outcome) in enumerate(done)
    ])
    flat = [{name: value for name, value in cell.items() if not isinstance(value, list | dict)}
            for cell in found["cells"]]
    for name, table in ((TURNS, turns), (CELLS, pl.DataFrame(flat))):
        part = out / f"{name}.part"
        table.write_parquet(part)
        part.replace(out / name)
    part = out / f"{SUMMARY}.part"
    part.write_text(as_text(found), encoding="utf-8")
    json.loads(part.read_text(encoding="utf-8"))
    part.replace(out / SUMMARY)
    draw(found, out)

"""The evidence table: runs the benches one by one and prints what each has shown, and what it has not.

Everything is printed in full: on a terminal long texts wrap, elsewhere (a pipe, a log) the table is as wide as
its longest row, in plain characters.
"""

import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from types import ModuleType

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hdl import range_check
from zhenwu.console import console
from zhenwu.cosim.catalogue import block_name
from zhenwu.cosim.evidence import Evidence, Mismatch
from zhenwu.cosim.first_mismatch import wave_files

ORACLE_WIDTH = 130  # columns of a terminal from which on the oracles stand in the table, not in a list below it


def gather(modules: Sequence[ModuleType], seed: int, quick: bool) -> list[Evidence]:
    """Run every bench, showing on stderr how far it is; a bench that raises becomes a failing row.

    Several benches run on as many processes as there are processors, the last one, which takes longest, first. The
    rows come in the order of `modules`.
    """
    out = console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    names = [module.__name__ for module in modules]
    found: dict[str, Evidence] = {}
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("benches", total=len(modules))
        for name, row in _run_all(names, seed, quick):
            found[name] = row
            progress.update(task, advance=1, description=row.block)
            if not out.is_terminal:
                out.print(f"{row.block}: {row.cases:,} cases in {row.seconds:.1f} s, {_verdict(row)}", highlight=False)
    return [found[name] for name in names]


def _run_all(names: Sequence[str], seed: int, quick: bool) -> Iterator[tuple[str, Evidence]]:
    """The rows as they come."""
    if len(names) == 1:
        yield names[0], _run(names[0], seed, quick)
        return
    with ProcessPoolExecutor(min(len(names), os.cpu_count() or 1)) as pool:
        waiting = {pool.submit(_run, name, seed, quick): name for name in reversed(names)}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


@contextmanager
def working(description: str) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr that something long is under way, for how long, and (by the function it gives) how far."""
    out = console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    if not out.is_terminal:
        out.print(description, highlight=False)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _run(name: str, seed: int, quick: bool) -> Evidence:
    module = import_module(name)
    for path in wave_files(block_name(module)):
        path.unlink(missing_ok=True)  # of a mismatch that may be mended by now
    range_check.begin()
    try:
        row = module.run(seed, quick)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = "site-packages", range_check.__file__  # not MyHDL's line, nor that of the check
        frame = [frame for frame in frames if not any(part in frame.filename for part in theirs)][-1]
        where = f"{frame.filename}, line {frame.lineno}"
        row = Evidence(
            block=block_name(module),
            oracle=module.ORACLE,
            cases=0,
            cycles=0,
            mismatches=0,
            bins=dict.fromkeys(module.BINS, 0),
            planned=module.BINS,
            seconds=0.0,
            seed=seed,
            not_checked=module.NOT_CHECKED,
            violations=(f"the bench stopped: {type(error).__name__}: {error} ({where})",),
        )
    swallowed = [text for text in range_check.broken if not any(text in said for said in row.violations)]
    return replace(row, ranges=range_check.made(), violations=(*row.violations, *swallowed))


def _verdict(row: Evidence) -> str:
    return "ok" if row.ok else "FAILED"


def show(rows: Sequence[Evidence], out: Console, again: Callable[[Mismatch], str]) -> None:
    """Print the table, then what it cannot say: what is not checked, empty bins, broken rules, first mismatches.

    `again` gives the command that repeats a mismatch.
    """
    wide = not out.is_terminal or out.width >= ORACLE_WIDTH
    with out.capture() as printed:
        out.print(_table(rows, out, wide))
    for line in printed.get().splitlines():
        if line.strip():
            print(line.rstrip(), file=out.file)
    if not wide:
        _list(out, "Oracles", [(row.block, row.oracle) for row in rows])
    _list(out, "Notes", [(row.block, note) for row in rows for note in row.notes])
    _list(out, "Not checked", [(row.block, row.not_checked) for row in rows if row.not_checked])
    _list(
        out,
        "Planned coverage bins that were not hit",
        [(row.block, f"{name}: {reason}") for row in rows for name, reason in row.unhit.items()],
    )
    _list(out, "Broken rules", [(row.block, text) for row in rows for text in row.violations], "bold red")
    for row in rows:
        if row.first_mismatch:
            found = row.first_mismatch
            out.print("\n[bold red]First mismatch[/]", highlight=False)
            lines = (
                f"  {found}",
                f"  again: {again(found)}",
                f"  waves: {found.vcd}  {found.svg}",
            )
            for line in lines:
                out.print(escape(line), highlight=False, soft_wrap=True)


def _table(rows: Sequence[Evidence], out: Console, with_oracle: bool) -> Table:
    padding = (0, 1) if with_oracle else 0
    table = Table(box=box.SIMPLE_HEAD if out.is_terminal else box.MARKDOWN, pad_edge=False, padding=padding)
    table.add_column("block", overflow="fold", min_width=max((len(row.block) for row in rows), default=0))
    if with_oracle:
        table.add_column("oracle", overflow="fold")
    for heading in ("cases", "cycles", "mismatches", "bins hit", "cycles/s", "achieved / bound", "seed"):
        least = max(map(len, heading.split()))
        table.add_column(heading, justify="right", overflow="fold", min_width=least)
    table.add_column("result", min_width=len("result"))
    for row in rows:
        hit = sum(1 for hits in row.bins.values() if hits)
        table.add_row(
            row.block,
            *([escape(row.oracle)] if with_oracle else []),
            f"{row.cases:,}",
            f"{row.cycles:,}",
            f"{row.mismatches:,}",
            f"{hit} of {len(row.planned)}",
            f"{row.cycles_per_s:,.0f}",
            utilisation(row),
            str(row.seed),
            "[green]ok[/]" if row.ok else "[bold red]FAILED[/]",
        )
    return table


def utilisation(row: Evidence) -> str:
    """Achieved against bound, and their ratio, where there is one."""
    if row.achieved is None or not row.bound:
        return "-"
    return f"{row.achieved:.3g} / {row.bound:.3g} = {100 * row.achieved / row.bound:.1f} %"


def _list(out: Console, heading: str, items: Sequence[tuple[str, str]], style: str = "bold") -> None:
    if items:
        out.print(f"\n[{style}]{heading}[/]", highlight=False)
        for block, text in items:
            out.print(f"  {block}: {escape(text)}", highlight=False, soft_wrap=True)


def closing_line(rows: Sequence[Evidence]) -> str:
    """The last line: that all agree, or the names of the blocks that do not."""
    failed = [row.block for row in rows if not row.ok]
    if failed:
        first = f"; begin with {failed[0]}, on which the others rest" if len(failed) > 1 else ""
        return f"FAILED: {', '.join(failed)} ({len(failed)} of {len(rows)} blocks){first}"
    cases = f"{sum(row.cases for row in rows):,} cases, 0 mismatches"
    if len(rows) == 1:
        return f"The block agrees with its oracle: {cases}."
    return f"All {len(rows)} blocks agree with their oracles: {cases}, nothing skipped."


def range_checks_on(asked: bool) -> bool:
    """Whether the debug mode of int locals is on; ValueError if it is, or should be, and no block has a check."""
    on = asked or range_check.installed()
    if on and not range_check.places:
        raise ValueError("--ranges: no block has a range check; expected the blocks to be imported with the mode on")
    return on


def ranges_line(rows: Sequence[Evidence]) -> str:
    """What the debug mode of int locals has checked; that it has checked nothing, if so."""
    made = Counter[str]()
    for row in rows:
        made.update(row.ranges)
    if not made:
        return "FAILED: the range checks are on and none was made, so this run says nothing of ranges"
    among = len(set(map(str, range_check.places)))
    return f"Range checks of int locals: {made.total():,} at {len(made):,} places, of {among:,} in the modules loaded."

"""The table at the end: each design with its runs, what they met, and how fast everybody was."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from zhenwu.cosim.regress.plan import Run
from zhenwu.cosim.regress.run import Result

HEADINGS = ("runs", "cycles", "mismatches", "compiled cycles/s", "times MyHDL", "twin cycles/s", "MyHDL cycles/s")


def show(done: Sequence[tuple[Run, Result]], native: Mapping[str, float], seconds: float, out: Console) -> None:
    """Print a row a design, then the seeds."""
    table = Table(box=box.SIMPLE_HEAD if out.is_terminal else box.MARKDOWN, pad_edge=False)
    table.add_column("design")
    for heading in HEADINGS:
        table.add_column(heading, justify="right", overflow="fold")
    designs = list(dict.fromkeys(run.design for run, _ in done))
    for design in designs:
        results = [result for run, result in done if run.design == design]
        cycles = sum(result.cycles for result in results)
        compiled = cycles / max(1e-9, sum(result.compiled_s for result in results))
        twin = cycles / max(1e-9, sum(result.twin_s for result in results))
        wrong = sum(not result.ok for result in results)
        table.add_row(
            design, f"{len(results):,}", f"{cycles:,}", f"{wrong:,}", f"{compiled:,.0f}",
            f"{compiled / native[design]:,.0f}", f"{twin:,.0f}", f"{native[design]:,.0f}",
        )
    with out.capture() as printed:
        out.print(table)
    for line in printed.get().splitlines():
        if line.strip():
            print(line.rstrip(), file=out.file)
    for design in designs:
        seeds = [f"{run.seed}{'r' if run.restless else ''}" for run, _ in done if run.design == design]
        out.print(f"{design} seeds (r: restless): {' '.join(seeds)}", highlight=False, soft_wrap=True)
    out.print(f"{seconds:.0f} s", highlight=False)

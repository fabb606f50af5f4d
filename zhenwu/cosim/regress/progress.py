"""How far the runs are: a bar for each design on a terminal, a line now and then elsewhere."""

from collections.abc import Sequence
from time import monotonic

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from zhenwu.console import console
from zhenwu.cosim.regress.plan import Run
from zhenwu.cosim.regress.run import Result

LINE_S = 20  # from one line to the next


class Progress:
    """A context: `update` takes the cycles done of each run, `ended` a result."""

    def __init__(self, runs: Sequence[Run]):
        self.runs = runs
        self.out = console(stderr=True)
        self.wrong = 0
        self.begun = self.shown = monotonic()
        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        self.bars = Bars(*columns, console=self.out, transient=True, disable=not self.out.is_terminal)
        self.total = {run.design: 0 for run in runs}
        for run in runs:
            self.total[run.design] += run.cycles
        self.tasks = {design: self.bars.add_task(design, total=total) for design, total in self.total.items()}

    def __enter__(self) -> "Progress":
        self.bars.start()
        return self

    def __exit__(self, *raised) -> None:
        self.bars.stop()

    def ended(self, result: Result) -> None:
        """A run is over."""
        self.wrong += not result.ok

    def update(self, done: Sequence[int]) -> None:
        """Show where they are."""
        so_far = dict.fromkeys(self.total, 0)
        for run, cycles in zip(self.runs, done, strict=True):
            so_far[run.design] += cycles
        now = monotonic()
        rate = sum(so_far.values()) / max(1e-9, now - self.begun)
        if self.out.is_terminal:
            for design, task in self.tasks.items():
                text = f"{design}: {so_far[design]:,} of {self.total[design]:,} cycles, {self.wrong} mismatches"
                self.bars.update(task, completed=so_far[design], description=text)
        elif now >= self.shown + LINE_S:
            self.shown = now
            each = ", ".join(f"{design} {so_far[design]:,} of {total:,}" for design, total in self.total.items())
            self.out.print(f"{now - self.begun:.0f} s: {each} cycles; {rate:,.0f} cycles/s; {self.wrong} mismatches",
                           highlight=False, soft_wrap=True)

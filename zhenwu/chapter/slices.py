"""A matmul on the slice inside a chapter: on both cycle models alone, or on the hardware with every check on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.chapter.figure import drawing
from zhenwu.chapter.show import Html
from zhenwu.cosim.hbm.timeline import timeline
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice.activity import array_and_dq
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.figures import Figures, figures
from zhenwu.cosim.slice.slice import RESET_EDGES, hardware_spans, predicted
from zhenwu.cosim.slice.slice_bench import SliceFollower, Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.tile_bench import sized_job
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.spec.hbm3 import DramCommand

PAGE_COLUMNS = 130  # of an activity picture: as wide as a page's text
PAGE_SCALE = 0.85  # px a CK of a picture of banks


@dataclass(frozen=True)
class SliceResult:
    """What one job did: its figures, the array's activity in each CK, the commands, the CK in which the first refresh
    was due (None without refresh).

    The hardware also has `product`, float32[m, n] as the device held it afterwards, and `pins` by name: width and
    values in the window of cycles that was asked for.
    """

    figures: Figures
    activity: Sequence[str]
    commands: Sequence[DramCommand]
    due: int | None
    product: NDArray[np.float32] | None = None
    pins: Mapping[str, tuple[int, list[int]]] = field(default_factory=dict)

    @property
    def refresh(self) -> int:
        """The CK of the first REFab."""
        return next(command.cycle for command in self.commands if command.op == "REFab")


def slice_work(
    a: NDArray[np.float32], b: NDArray[np.float32], array: tuple[int, int] = (4, 4), **controller_sizes
) -> Work:
    """A[m,k] times B[n,k] transposed, on a slice with `array` dot units; sizes of the controller by name."""
    return Work([sized_job("matmul", a, b, *array)], *array, controller_sizes)


def on_models(work: Work) -> SliceResult:
    """The work on the cycle models of tile and controller; RuntimeError if they broke a rule."""
    run = predicted(work)
    if run.faults:
        raise RuntimeError(run.faults[0])
    (found,) = figures(work.jobs, run.spans, run.referee.commands, work.timing)
    return SliceResult(found, run.activity, run.referee.commands, first_due(run.referee))


def on_hardware(work: Work, window: tuple[int, int] | None = None) -> SliceResult:
    """The work on the hardware, simulated; RuntimeError if a bit, a pin or a rule was wrong.

    With a `window` of CK the pins in it are kept.
    """
    hosts: list[Host] = []
    followers: list[SliceFollower] = []
    budget = 2 * predicted(work).spans[-1].settled + 1000
    shifted = None if window is None else (window[0] + RESET_EDGES, window[1] + RESET_EDGES)
    outcome = run_once(slice_bench(work, Coverage(BINS), hosts, followers), NONE, 1, budget, window=shifted)
    host, follower = hosts[0], followers[0]
    broken = [*outcome.violations, *follower.controller.faults]
    broken += [f"{name}: {board.first}" for name, board in outcome.boards.items() if board.mismatches]
    if broken:
        raise RuntimeError(broken[0])
    commands = follower.controller.referee.commands
    (found,) = figures(work.jobs, hardware_spans(host, follower), commands, work.timing)
    columns = outcome.trace.columns if outcome.trace else []
    pins = {column.name: (column.width, column.values) for column in columns}
    due = first_due(follower.controller.referee)
    return SliceResult(found, follower.activity, commands, due, host.product(work.jobs[0]), pins)


def first_due(referee: Referee) -> int | None:
    """The CK in which the first refresh is due, None without refresh."""
    return None if referee.refresh is None else referee.refresh[0]


def activity(result: SliceResult, caption: str, alt: str) -> Html:
    """What array and DQ did from the start to the last line in the device."""
    span = result.figures.span
    svg = array_and_dq(result.activity, result.commands, span.began, span.settled, caption, most=PAGE_COLUMNS)
    return drawing(svg, caption, alt)


def banks(result: SliceResult, caption: str, alt: str, *, before: int, after: int) -> Html:
    """Every bank from `before` CK before the first REFab to `after` CK after it."""
    first, last = max(0, result.refresh - before), min(result.refresh + after, result.figures.span.settled)
    return drawing(timeline(result.commands, first, last, caption, result.due, px_per_ck=PAGE_SCALE), caption, alt)

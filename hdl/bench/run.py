"""Running one bench: clock, reset, the end of the run, and tidying up after it."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from myhdl import Simulation, StopSimulation
from myhdl import _simulator as simulator

from hdl.bench.clock import PERIOD, clock, cycle


class BudgetExceeded(Exception):
    """The run was not done within its cycle budget."""


@dataclass(frozen=True)
class Run:
    """Rising edges until `done` (reset included), and the wall-clock seconds that they took."""

    cycles: int
    seconds: float


def simulate(
    parts: Collection,
    *,
    clk,
    rst,
    budget_cycles: int,
    done: Callable[[], bool] | None = None,
    settle_cycles: int = 16,
    reset_cycles: int = 2,
    reset_at: Collection[int] = (),
    on_reset: Callable[[], None] | None = None,
) -> Run:
    """Run `parts` (blocks and bench generators; clock and reset are added here) until `done()`.

    After `done` the clock goes on for `settle_cycles`, so that a transfer too many is still seen. `rst` is high
    for the first `reset_cycles` edges and again for as many from each cycle in `reset_at`; `on_reset` is called
    each time, and no run is done before the last of them. Without `done` the run lasts exactly `budget_cycles`;
    with it, `BudgetExceeded` is raised if they do not suffice. The simulation is always quit, so that the next one
    can start.
    """
    if budget_cycles < 1:
        raise ValueError(f"budget_cycles {budget_cycles}: expected at least 1")
    finished: list[int] = []
    conductor = [clock(clk), _reset(clk, rst, reset_cycles, frozenset(reset_at), on_reset)]
    if done is not None:
        conductor.append(_finish(clk, done, max(reset_at, default=0), settle_cycles, finished))
    simulation = Simulation(*parts, *conductor, *(part for watch in _watching for part in watch(parts, clk)))
    start = perf_counter()
    try:
        simulation.run(budget_cycles * PERIOD, quiet=1)
    finally:
        simulation.quit()
    seconds = perf_counter() - start
    if done is not None and not finished:
        raise BudgetExceeded(f"not done after the budget of {budget_cycles} cycles")
    return Run(finished[0] if finished else budget_cycles, seconds)


_watching: list[Callable[[Collection, object], Collection]] = []


@contextmanager
def watched(watch: Callable[[Collection, object], Collection]) -> Iterator[None]:
    """While it lasts, every run has further parts: those that `watch` makes of its parts and its clock."""
    _watching.append(watch)
    try:
        yield
    finally:
        _watching.remove(watch)


def _reset(clk, rst, reset_cycles: int, reset_at: frozenset[int], on_reset: Callable[[], None] | None) -> Iterator:
    until = reset_cycles
    again = False
    rst.next = reset_cycles > 0
    while True:
        yield clk.posedge
        if again and on_reset is not None:  # not an edge earlier: what moves there still counts as before the reset
            on_reset()
        now = cycle() + 1
        again = now in reset_at
        if again:
            until = now + reset_cycles
        rst.next = now < until


def _finish(clk, done: Callable[[], bool], earliest: int, settle_cycles: int, finished: list[int]) -> Iterator:
    while True:
        yield clk.posedge
        if finished:
            if cycle() >= finished[0] + settle_cycles:
                raise StopSimulation
        elif cycle() > earliest and done():
            finished.append(cycle() + 1)


@contextmanager
def forgotten_signals() -> Iterator[None]:
    """Forget, on leaving, every signal made inside.

    MyHDL keeps all signals ever made and visits each of them at the end of every simulation: without this, a
    session of a hundred runs spends its time on the signals of the first ninety-nine.
    """
    known = len(simulator._signals)
    try:
        yield
    finally:
        del simulator._signals[known:]

"""When a finished result is handed off. Chapter: the array and its utilisation."""

from typing import NamedTuple

STAGES = 2  # registers between the last step of a result and the read of its accumulator


class Result(NamedTuple):
    """A finished result: its accumulators, and its size."""

    buffer: int
    m: int
    n: int


class MacArray:
    """Takes a step in every cycle but the first after a reset; the adder's loop takes `latency` cycles."""

    def __init__(self, latency: int):
        self.ready = False
        self.stages: list[Result | None] = [None] * (STAGES + latency)
        self.result: Result | None = None  # on offer

    def step(self, finished: Result | None, taken: bool) -> None:
        """One rising edge: the step of this cycle completes `finished`; `taken` says that the result on offer moved."""
        self.ready = True
        if self.stages[-1] is not None:
            self.result = self.stages[-1]
        elif taken:
            self.result = None
        self.stages = [finished, *self.stages[:-1]]

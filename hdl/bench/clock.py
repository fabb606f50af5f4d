"""The clock of a bench, and the one way to count its cycles.

Rising edges fall at times 5, 15, 25, ...: cycle 0, 1, 2, ... Falling edges fall at 10, 20, ...; a check that
wants settled signals between two edges looks there.
"""

from collections.abc import Iterator

from myhdl import delay, now

PERIOD = 10


def clock(clk) -> Iterator:
    """Toggle `clk` for as long as the simulation runs."""
    while True:
        yield delay(PERIOD // 2)
        clk.next = not clk


def cycle() -> int:
    """The number of the rising edge at this instant, counted from 0 at the start of the simulation."""
    return now() // PERIOD

"""A monitor: sees every transfer on a stream and tells its observers; it drives nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hdl.bench.clock import cycle


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payload that moved: the rising edge at which it did (None if unknown), and its fields."""

    cycle: int | None
    payload: dict[str, int]


def monitor(clk, rst, stream, *observers: Callable[[Transfer], None]) -> Iterator:
    """Call every observer with each transfer outside reset: `transfers.append`, `scoreboard.receive`, ..."""
    valid, ready = stream.valid, stream.ready
    fields = tuple(stream.payload().items())
    while True:
        yield clk.posedge
        if valid and ready and not rst:
            transfer = Transfer(cycle(), {name: int(signal.val) for name, signal in fields})
            for observe in observers:
                observe(transfer)

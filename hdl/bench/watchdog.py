"""A watchdog: ends a run in which nothing moves any more, and says who waits for whom."""

from collections.abc import Iterator, Mapping

from hdl.bench.clock import cycle
from hdl.bundle import Stream


class Deadlock(Exception):
    """No stream moved for too long; the message names each stream that waits."""


def watchdog(clk, rst, streams: Mapping[str, Stream], limit_cycles: int = 1000) -> Iterator:
    """Raise `Deadlock` when none of `streams` has had a transfer for `limit_cycles` cycles outside reset.

    A bench whose work may be over stops its simulation first (`run.simulate` does).
    """
    wires = tuple((stream.valid, stream.ready) for stream in streams.values())
    idle_cycles = 0
    while True:
        yield clk.posedge
        idle_cycles += 1
        if rst:
            idle_cycles = 0
        for valid, ready in wires:
            if valid and ready:
                idle_cycles = 0
                break
        if idle_cycles >= limit_cycles:
            waits = "; ".join(f"{name} {_waits(stream)}" for name, stream in streams.items())
            raise Deadlock(f"deadlock in cycle {cycle()}: no transfer for {limit_cycles} cycles: {waits}")


def _waits(stream: Stream) -> str:
    if stream.valid:
        return "offers a payload that is not taken"
    if stream.ready:
        return "is ready but nothing is offered"
    return "is idle: neither valid nor ready (its source may wait for ready, against rule 2)"

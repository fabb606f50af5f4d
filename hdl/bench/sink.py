"""A sink: takes payloads from a stream, with stalls of its own choosing. What it takes, a monitor records."""

from collections.abc import Iterator

from hdl.bench.stalls import Stalls, never


def sink(clk, rst, stream, stalls: Stalls | None = None, wait_for_valid: bool = False) -> Iterator:
    """Drive `ready`: high in each cycle that does not stall.

    With `wait_for_valid` it rises only under a waiting payload, as rule 2 allows a sink to do; a source that in
    turn waits for `ready` then never moves, and the watchdog says so.
    """
    valid, ready = stream.valid, stream.ready
    stalls = stalls or never()
    while True:
        yield clk.posedge
        if rst:
            ready.next = False
        else:
            willing = not next(stalls)
            if wait_for_valid:
                willing = willing and valid and not ready
            ready.next = bool(willing)

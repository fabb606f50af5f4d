"""A script: what a bench does at one edge after the other, started again by every reset."""

from collections.abc import Callable, Collection, Iterator

from hdl.bundle import Stream


def script(clk, rst, make: Callable[[], Iterator[None]], sources: Collection[Stream] = ()) -> Iterator:
    """Run a generator from `make()` at the edges outside reset, up to its next `yield` at each.

    What it drives is seen at the next edge. A reset drops it, lowers `valid` of the streams in `sources`, and
    begins a new one.
    """
    steps = make()
    while True:
        yield clk.posedge
        if rst:
            steps = make()
            for stream in sources:
                stream.valid.next = False
        else:
            next(steps, None)

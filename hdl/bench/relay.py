"""A relay between two streams, or two memory ports: what comes in goes out later, held up as the bench likes.

It stands where a design has a plain wire, to try whether both sides bear any delay.
"""

from collections import deque
from collections.abc import Callable, Iterator

from hdl.bench.stalls import Stalls
from hdl.bundle import MemoryPort, Stream

DEPTH = 2


def relay(clk, rst, src: Stream, dst: Stream, stalls: Stalls) -> Iterator:
    """Pass payloads from `src` to `dst`, in order, up to DEPTH of them under way; `stalls` hold up both sides."""
    names = tuple(src.payload())
    waiting: deque[tuple[int, ...]] = deque()
    while True:
        yield clk.posedge
        if rst:
            waiting.clear()
            src.ready.next = dst.valid.next = False
            continue
        if src.valid and src.ready:
            waiting.append(tuple(int(getattr(src, name).val) for name in names))
        if not dst.valid or dst.ready:
            offer = bool(waiting) and not next(stalls)
            dst.valid.next = offer
            if offer:
                for name, value in zip(names, waiting.popleft(), strict=True):
                    getattr(dst, name).next = value
        src.ready.next = len(waiting) < DEPTH and not next(stalls)


def port_relays(
    clk, rst, master: MemoryPort, memory: MemoryPort, stalls: Callable[[str], Stalls]
) -> list[Iterator]:
    """Relays for the three streams between a master's port and a memory's; `stalls` gives each its pattern by name."""
    return [
        relay(clk, rst, master.cmd, memory.cmd, stalls("relay.cmd")),
        relay(clk, rst, master.wdata, memory.wdata, stalls("relay.wdata")),
        relay(clk, rst, memory.rdata, master.rdata, stalls("relay.rdata")),
    ]

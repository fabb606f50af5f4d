"""What the array did in each cycle of a program, counted. Chapter: the array and its utilisation.

    busy      a step goes to the dot units
    blocked   operands are there, and the array waits: for accumulators that are drained,
              for its adder's loop, or for the cycle in which it takes the next mma
    draining  nothing is left to multiply, and results leave
    starved   everything else: the array waits for operands, or for its instructions

The cycle of the start is the first, and starved.
"""

from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bundle import wire

COUNT_BITS = 32


class Counts:
    """The counters of a program: cycles by what the array did, and cycles in which a line waited for its bank."""

    def __init__(self):
        self.busy, self.starved, self.blocked = wire(COUNT_BITS), wire(COUNT_BITS), wire(COUNT_BITS)
        self.draining, self.conflicts = wire(COUNT_BITS), wire(COUNT_BITS)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "start": wire(1),
        "running": wire(1),
        "busy": wire(1),
        "blocked": wire(1),
        "draining": wire(1),
        "conflict": wire(1),
        "counts": Counts(),
    }


@block
def counters(clk, rst, start, running, busy, blocked, draining, conflict, counts):
    """Count the cycles of a program, each once: its start, then busy before blocked before draining before starved.

    start    : 1 bit in, a program begins, and with it all counts
    running  : 1 bit in, from the cycle after the start to the last before `done`
    busy, blocked, draining : 1 bit in each, what holds in this cycle
    conflict : 1 bit in, a line waits for its bank
    counts   : Counts out, 32 bits each; they stand still from a program's end to the next start

    The first four add up to the cycles of the program, from its start to the last before `done`. Whoever runs 2^32
    cycles must not trust them.
    """

    @always_seq(clk.posedge, rst)
    def count():
        if start:
            counts.busy.next = 0
            counts.starved.next = 1  # this cycle
            counts.blocked.next = 0
            counts.draining.next = 0
            counts.conflicts.next = 0
        elif running:
            if busy:
                counts.busy.next = counts.busy + 1
            elif blocked:
                counts.blocked.next = counts.blocked + 1
            elif draining:
                counts.draining.next = counts.draining + 1
            else:
                counts.starved.next = counts.starved + 1
            if conflict:
                counts.conflicts.next = counts.conflicts + 1

    return count

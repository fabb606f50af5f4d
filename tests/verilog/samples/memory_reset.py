"""@always_seq resets every word of a memory that it writes."""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

TRAPS = {"memory_reset"}


def ports():
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "place": Signal(intbv(0)[6:]),
        "y": Signal(intbv(0)[6:]),
    }


@block
def sample(clk, rst, place, y):
    words = [Signal(intbv(0)[6:]) for _ in range(64)]

    @always_seq(clk.posedge, rst)
    def exchange():
        words[int(place)].next = place
        y.next = words[int(place)]

    return exchange

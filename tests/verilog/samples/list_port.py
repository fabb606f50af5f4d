"""A list of signals as a port of a design does not convert."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"list_port"}


def ports():
    return {"words": [Signal(intbv(0)[4:]) for _ in range(2)], "y": Signal(intbv(0)[4:])}


@block
def sample(words, y):
    @always_comb
    def copy():
        y.next = words[0]

    return copy

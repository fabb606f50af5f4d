"""An int local has 32 bits and a sign: the top bit of a word makes it negative."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"wide_int"}


def ports():
    return {"a": Signal(intbv(0)[32:]), "y": Signal(bool(0))}


@block
def sample(a, y):
    @always_comb
    def compare():
        word = 0
        word = int(a)
        y.next = word > 5

    return compare

"""A comparison is computed at the width of its operands: the carry is lost."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"lost_bits"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "b": Signal(intbv(0)[4:]), "c": Signal(intbv(0)[4:]), "y": Signal(bool(0))}


@block
def sample(a, b, c, y):
    @always_comb
    def compare():
        y.next = (a + b > c) or c == 9

    return compare

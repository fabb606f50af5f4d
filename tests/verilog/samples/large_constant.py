"""A constant of 2**30 or more is printed as unsigned: a negative local is larger."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"mixed_sign"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(bool(0))}


@block
def sample(a, y):
    @always_comb
    def compare():
        distance = 0
        distance = int(a) - 8
        y.next = distance < 0x40000000

    return compare

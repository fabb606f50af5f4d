"""MyHDL takes a local whose first value is a constant for unsigned."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"mixed_sign"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(bool(0))}


@block
def sample(a, y):
    @always_comb
    def compare():
        distance = 0
        distance = 7
        distance = int(a) - distance
        y.next = distance - 1 < 3

    return compare

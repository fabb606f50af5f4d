"""A signed local inside arithmetic meets an unsigned signal: the comparison is unsigned."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"mixed_sign"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "b": Signal(intbv(0)[4:]), "y": Signal(bool(0))}


@block
def sample(a, b, y):
    @always_comb
    def compare():
        distance = 0
        distance = int(a) - 8
        y.next = (distance + 1) < b

    return compare

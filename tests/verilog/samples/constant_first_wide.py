"""A local that MyHDL takes for unsigned is 2**32 too large in a wider sum, once it is negative."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"mixed_sign"}


def ports():
    return {
        "a": Signal(intbv(0)[4:]),
        "c": Signal(intbv(0, min=-8, max=8)),
        "y": Signal(intbv(0, min=-(2**39), max=2**39)),
    }


@block
def sample(a, c, y):
    @always_comb
    def compute():
        distance = 0
        distance = 7
        distance = int(a) - distance
        y.next = distance + c

    return compute

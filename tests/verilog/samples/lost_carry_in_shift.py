"""An average: the carry is lost before the shift brings it back."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"lost_bits"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "b": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, b, y):
    @always_comb
    def average():
        y.next = (a + b) >> 1

    return average

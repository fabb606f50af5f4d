"""An int local that is only ever 0 or 1 becomes one bit, and so does what is computed from it."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"lost_bits"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[8:])}


@block
def sample(a, y):
    picked = [Signal(intbv(word)[8:]) for word in range(8)]

    @always_comb
    def read():
        upper = 0
        if a > 7:
            upper = 1
        y.next = picked[upper << 2]

    return read

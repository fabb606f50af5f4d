"""A conditional expression in an assignment to a local does not convert."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"ternary"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "b": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, b, y):
    @always_comb
    def larger():
        value = 0
        value = int(a) if a > b else int(b)
        y.next = value

    return larger

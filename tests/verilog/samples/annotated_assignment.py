"""An annotated local does not convert."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"annotated_assignment"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    @always_comb
    def copy():
        value: int = 0
        value = int(a)
        y.next = value

    return copy

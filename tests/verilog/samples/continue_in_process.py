"""A continue becomes `disable`, too."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"continue_in_process", "disable"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    @always_comb
    def count():
        ones = 0
        for i in range(4):
            if (int(a) >> i) & 1 == 0:
                continue
            ones = ones + 1
        y.next = ones

    return count

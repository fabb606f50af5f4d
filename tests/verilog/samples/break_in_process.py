"""A break becomes `disable`, which Yosys refuses."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"break_in_process", "disable"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    @always_comb
    def find():
        place = 0
        for i in range(4):
            if (int(a) >> i) & 1:
                place = i
                break
        y.next = place

    return find

"""A raise in a process becomes $finish, which Yosys refuses."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"finish", "raise_in_process"}


def ports():
    return {"a": Signal(intbv(0)[2:]), "y": Signal(intbv(0)[2:])}


@block
def sample(a, y):
    @always_comb
    def choose():
        if a == 0:
            y.next = 1
        elif a == 1:
            y.next = 2
        else:
            raise ValueError("a")

    return choose

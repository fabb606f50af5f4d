"""An f-string does not convert."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"f_string"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    @always_comb
    def copy():
        print(f"a = {a}")
        y.next = a

    return copy

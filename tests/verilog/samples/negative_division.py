"""Verilog divides towards zero, Python towards minus infinity."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"negative_division"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    @always_comb
    def wrap():
        earlier = 0
        earlier = int(a) - 9
        y.next = earlier % 5

    return wrap

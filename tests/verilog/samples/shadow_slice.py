"""A slice of a port bundle's field converts to a constant 0."""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import Stream

TRAPS = {"constant_zero", "shadow_slice"}


def ports():
    return {"src": Stream(data=8), "y": Signal(intbv(0)[4:])}


@block
def sample(src, y):
    high = src.data(8, 4)

    @always_comb
    def copy():
        y.next = high

    return copy

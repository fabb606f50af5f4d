"""A process is a named block in Verilog: `final` and `new` are words of SystemVerilog."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"keyword"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "b": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, b, y):
    @always_comb
    def final():
        new = 0
        new = int(a) & int(b)
        y.next = new

    return final

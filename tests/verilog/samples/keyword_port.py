"""`release` is a word of Verilog; MyHDL does not say so."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"keyword"}


def ports():
    return {"release": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(release, y):
    @always_comb
    def copy():
        y.next = release

    return copy

"""A slice with variable bounds converts to illegal Verilog."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"part_select", "variable_slice"}


def ports():
    return {"a": Signal(intbv(0)[8:]), "which": Signal(bool(0)), "y": Signal(intbv(0)[4:])}


@block
def sample(a, which, y):
    @always_comb
    def pick():
        for i in range(2):
            if which == i:
                y.next = a[4 * i + 4 : 4 * i] ^ 5

    return pick

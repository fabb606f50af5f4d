"""A slice with variable bounds converts to illegal Verilog."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"part_select", "variable_slice"}


def ports():
    return {"a": Signal(intbv(0)[8:]), "y": Signal(intbv(0)[8:])}


@block
def sample(a, y):
    @always_comb
    def swap():
        for i in range(2):
            y.next[4 * i + 4 : 4 * i] = a[8 - 4 * i : 4 - 4 * i]

    return swap

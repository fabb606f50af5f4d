"""An int local has the name that a signal has in another block: in Verilog the local hides it."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"hidden"}


def ports():
    return {"held": Signal(intbv(0)[8:]), "y": Signal(intbv(0)[8:])}


@block
def inner(word, y):
    @always_comb
    def copy():
        held = 0
        held = int(word)
        y.next = held & 15

    return copy


@block
def sample(held, y):
    below = inner(held, y)
    return below

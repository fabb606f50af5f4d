"""An index is computed at the width of its operands: the shifted bits are lost."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"lost_bits", "shift_in_index"}


def ports():
    return {"bank": Signal(intbv(0)[2:]), "slot": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[8:])}


@block
def sample(bank, slot, y):
    picked = [Signal(intbv(word)[8:]) for word in range(64)]

    @always_comb
    def read():
        y.next = picked[(bank << 4) | slot]

    return read

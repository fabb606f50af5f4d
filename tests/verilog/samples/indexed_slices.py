"""A process that indexes a list of shadow slices reads constants."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"constant_zero"}


def ports():
    return {"word": Signal(intbv(0)[8:]), "at": Signal(intbv(0)[1:]), "y": Signal(intbv(0)[4:])}


@block
def sample(word, at, y):
    halves = [word(4, 0), word(8, 4)]

    @always_comb
    def pick():
        y.next = halves[int(at)]

    return pick

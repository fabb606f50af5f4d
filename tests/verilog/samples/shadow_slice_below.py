"""Through a block below, the slice of a port bundle's field is one of a name that is never declared."""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import Stream

TRAPS = {"unreadable"}


def ports():
    return {"src": Stream(data=8), "y": Signal(intbv(0)[4:])}


@block
def upper(word, y):
    high = word(8, 4)

    @always_comb
    def copy():
        y.next = high

    return copy


@block
def sample(src, y):
    inner = upper(src.data, y)
    return inner

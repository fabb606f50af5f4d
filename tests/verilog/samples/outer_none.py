"""MyHDL looks up an attribute of None although the branch is never taken."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"outer_none"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def sample(a, y):
    src = None

    @always_comb
    def copy():
        if src is None:
            y.next = a
        else:
            y.next = src.data

    return copy

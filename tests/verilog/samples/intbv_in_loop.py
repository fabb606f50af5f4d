"""Making an intbv for every turn of a loop takes two microseconds each."""

from myhdl import Signal, always_comb, block, concat, intbv

TRAPS = {"intbv_in_loop"}


def ports():
    return {"a": Signal(intbv(0)[8:]), "y": Signal(intbv(0)[8:])}


@block
def sample(a, y):
    @always_comb
    def reverse():
        for i in range(4):
            y.next = concat(a[4:], intbv(i)[4:])

    return reverse

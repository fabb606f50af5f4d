"""Even a function's last return becomes `disable`."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"disable", "return_in_process", "unreadable"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[8:])}


def square(value):
    return value * value


@block
def sample(a, y):
    @always_comb
    def compute():
        y.next = square(int(a))

    return compute

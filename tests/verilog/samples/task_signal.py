"""A function that assigns a signal: its caller sees the value of the call before."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"task_output", "task_signal"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


def follow(value, result):
    result.next = int(value)


@block
def sample(a, y):
    @always_comb
    def compute():
        follow(a, y)

    return compute

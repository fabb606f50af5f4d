"""A converted function that calls another one breaks MyHDL's conversion."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = {"nested_task"}


def ports():
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[8:])}


def double(value, result):
    result[:] = 2 * value


def quadruple(value, result):
    double(2 * value, result)


@block
def sample(a, y):
    @always_comb
    def compute():
        result = intbv(0)[8:]
        quadruple(int(a), result)
        y.next = result

    return compute

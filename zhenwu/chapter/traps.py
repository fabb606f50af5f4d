"""Blocks that MyHDL simulates rightly and converts wrongly, without a word: for the chapter "Down to Verilog".

`hdl.scan` refuses each of them, so none can get into the hardware.
"""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import Stream


def average_ports() -> dict:
    return {name: Signal(intbv(0)[4:]) for name in ("a", "b", "y")}


@block
def average(a, b, y):
    """Half the sum of two numbers of 4 bits."""

    @always_comb
    def halve():
        y.next = (a + b) >> 1

    return halve


def above_ports() -> dict:
    return {"a": Signal(intbv(0)[32:]), "y": Signal(bool(0))}


@block
def above(a, y):
    """Whether a word of 32 bits is more than 5."""

    @always_comb
    def compare():
        word = 0
        word = int(a)
        y.next = word > 5

    return compare


def earlier_ports() -> dict:
    return {"a": Signal(intbv(0)[4:]), "y": Signal(intbv(0)[4:])}


@block
def earlier(a, y):
    """The place nine steps before this one, in a ring of five."""

    @always_comb
    def wrap():
        place = 0
        place = int(a) - 9
        y.next = place % 5

    return wrap


def upper_ports() -> dict:
    return {"src": Stream(data=8), "y": Signal(intbv(0)[4:])}


@block
def upper(src, y):
    """The upper half of what a stream carries."""
    high = src.data(8, 4)

    @always_comb
    def copy():
        y.next = high

    return copy


TRAPS = {block.func.__name__: (block, ports) for block, ports in (
    (average, average_ports), (above, above_ports), (earlier, earlier_ports), (upper, upper_ports),
)}

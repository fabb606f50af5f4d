"""The value of an E2M1 code (FP4). Chapter: numbers in four bits."""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.spec.formats import E2M1_HALVES


def ports() -> dict:
    """Fresh ports."""
    return {"code": wire(4), "halves": Signal(intbv(0, min=min(E2M1_HALVES), max=max(E2M1_HALVES) + 1))}


@block
def e2m1_decode(code: Signal, halves: Signal):
    """Look a code up: sixteen values are a table, not arithmetic.

    code   : 4 bits in, sign in bit 3, then the magnitude's code
    halves : signed out, -12 .. 12, the value in units of 0.5; both zeros give 0

    Combinational.
    """

    @always_comb
    def look_up():
        halves.next = E2M1_HALVES[int(code)]

    return look_up

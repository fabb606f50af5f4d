"""The value of an E8M0 block scale. Chapter: numbers in four bits."""

from myhdl import Signal, always_comb, block

from hdl.bundle import wire
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
SMALLEST_SCALE = 1 << (FRACTION_BITS - 1)  # 2**-127 is half of float32's smallest normal: a subnormal


def ports() -> dict:
    """Fresh ports."""
    return {"code": wire(8), "value": wire(32)}


@block
def e8m0_decode(code: Signal, value: Signal):
    """2**(code - 127) as a float32: the two formats share their bias, so the code *is* the exponent field.

    code  : 8 bits in; 255 is NaN
    value : 32 bits out, float32; code 0 has no exponent field left and becomes a subnormal

    Combinational.
    """

    @always_comb
    def place():
        if code == E8M0_NAN:
            value.next = CANONICAL_NAN
        elif code == 0:
            value.next = SMALLEST_SCALE
        else:
            value.next = int(code) << FRACTION_BITS

    return place

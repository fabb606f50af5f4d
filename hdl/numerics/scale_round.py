"""An exact dot product becomes a float32. Chapter: a dot product that is exact.

    |dot| ──> [normalise <<] ──> significand ──┐
                                               ├──> pack ──> value
    scale_a + scale_b ──> exponent ────────────┘

A dot product has 14 bits and a float32 significand 24, so only a result among the subnormals is ever rounded.
"""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_BIAS, E8M0_NAN, FLOAT32, PRODUCT_UNIT_EXPONENT

FRACTION_BITS = FLOAT32.mantissa_bits
INFINITY = FLOAT32.largest_code + 1
INFINITY_EXPONENT = INFINITY >> FRACTION_BITS
SIGN = 1 << FLOAT32.magnitude_bits
# Exponent field of an integer significand s with scales 0: s * 2**unit * 2**-254 = s * 2**(field - bias - 23).
BASE_EXPONENT = PRODUCT_UNIT_EXPONENT - 2 * E8M0_BIAS + FLOAT32.bias + FRACTION_BITS
DOT_BITS = 14  # of |dot|: shifted right by one more, even the largest is below one half


def ports() -> dict:
    """Fresh ports."""
    return {"dot": Signal(intbv(0, min=-8192, max=8192)), "scale_a": wire(8), "scale_b": wire(8), "value": wire(32)}


@block
def scale_round(dot: Signal, scale_a: Signal, scale_b: Signal, value: Signal):
    """value = RNE_f32(dot * 2**-2 * 2**(scale_a + scale_b - 254)): scale first, then round once.

    dot              : signed 14 bits in, in units of 2**-2
    scale_a, scale_b : 8 bits in, E8M0; 255 makes the result NaN
    value            : 32 bits out, float32: dot = 0 gives +0, an underflow keeps its sign, an overflow is Inf

    Combinational.
    """

    @always_comb
    def scale():
        total = int(dot)
        a = int(scale_a)
        b = int(scale_b)
        exponent = 0
        significand = 0
        shift = 0
        dropped = 0
        half = 0
        magnitude = 0

        if total < 0:
            significand = -total
        else:
            significand = total
        exponent = a + b + BASE_EXPONENT

        if exponent < 1:
            # Subnormal: the exponent field stays at its smallest and the significand moves down, rounding once.
            shift = 1 - exponent
            if shift > DOT_BITS + 1:
                shift = DOT_BITS + 1
            half = 1 << (shift - 1)
            dropped = significand & ((1 << shift) - 1)
            significand = significand >> shift
            if dropped > half or (dropped == half and (significand & 1) == 1):
                significand = significand + 1
            exponent = 1
        else:
            # Move the leading one up to bit 23, but never past the smallest exponent.
            if significand < (1 << 8) and exponent > 16:
                significand = significand << 16
                exponent = exponent - 16
            if significand < (1 << 16) and exponent > 8:
                significand = significand << 8
                exponent = exponent - 8
            if significand < (1 << 20) and exponent > 4:
                significand = significand << 4
                exponent = exponent - 4
            if significand < (1 << 22) and exponent > 2:
                significand = significand << 2
                exponent = exponent - 2
            if significand < (1 << 23) and exponent > 1:
                significand = significand << 1
                exponent = exponent - 1

        if a == E8M0_NAN or b == E8M0_NAN:
            value.next = CANONICAL_NAN
        elif total == 0:
            value.next = 0
        else:
            if exponent >= INFINITY_EXPONENT:
                magnitude = INFINITY
            else:
                # The leading one is added into the exponent field: a subnormal has none and stays in field 0.
                magnitude = ((exponent - 1) << FRACTION_BITS) + significand
            if total < 0:
                value.next = SIGN | magnitude
            else:
                value.next = magnitude

    return scale

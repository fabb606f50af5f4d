"""An exact sum in two limbs becomes a float32, rounded once. Chapter: the array and its utilisation.

    high, low ──> one carry ──> |magnitude|, 42 bits ──> [window << ] 30 bits ──┬──> significand ──┐
                                                    └──> what is below: sticky ─┘                  ├──> round, pack
    exponent ────────────────────────────────────────> less what the window moved up ──────────────┘

The window holds at least 27 significant bits wherever something lies below it: a float32's 24, guard, round, and one
that sticky joins. So one rounding is enough, among the subnormals too, where fewer bits are kept.
"""

from myhdl import Signal, always_comb, block

from hdl.bundle import wire
from hdl.numerics.lane_dot import HIGH_BITS, LIMB, LOW_BITS, signed
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
INFINITY = FLOAT32.largest_code + 1
INFINITY_EXPONENT = INFINITY >> FRACTION_BITS
SIGN = 1 << FLOAT32.magnitude_bits
LIMB_MASK = (1 << LIMB) - 1
# Exponent field of an integer s in place of a significand: s * 2**exponent = s * 2**(field - bias - 23).
BASE_EXPONENT = FLOAT32.bias + FRACTION_BITS
DEEPEST = 30  # places down by which a window may still reach one half


def ports() -> dict:
    """Fresh ports."""
    return {
        "high": signed(HIGH_BITS),
        "low": signed(LOW_BITS),
        "exponent": signed(11),
        "nan": wire(1),
        "plus_infinity": wire(1),
        "minus_infinity": wire(1),
        "value": wire(32),
    }


@block
def term_round(high, low, exponent, nan, plus_infinity, minus_infinity, value: Signal):
    """value = RNE_f32((high * 2**14 + low) * 2**exponent)

    high, low : signed 28 and 30 bits in
    exponent  : signed 11 bits in
    nan       : 1 bit in: the value is NaN, as it is where both infinities are there
    plus_infinity, minus_infinity : 1 bit in: the value is that, whatever the sum
    value     : 32 bits out, float32: a sum of 0 gives +0, an underflow keeps its sign, an overflow is Inf

    Combinational.
    """

    @always_comb
    def scale():
        upper = 0
        lower = 0
        negative = False
        window = 0
        sticky = 0
        room = 0
        field = 0
        shift = 0
        rest = 0
        half = 0
        magnitude = 0

        # One number from two limbs: the carry of the low one goes up, and lower is 0 .. 2**14 - 1
        lower = int(low)
        upper = int(high) + (lower >> LIMB)
        lower = lower & LIMB_MASK
        if upper < 0:
            negative = True
            if lower == 0:
                upper = -upper
            else:
                upper = -upper - 1
                lower = (1 << LIMB) - lower

        # As many of the lower bits as the window has room for
        room = LIMB
        if upper >= (1 << 24):
            room = 1
        elif upper >= (1 << 20):
            room = 6
        elif upper >= (1 << 16):
            room = 10
        window = (upper << room) + (lower >> (LIMB - room))
        if (lower & ((1 << (LIMB - room)) - 1)) != 0:
            sticky = 1
        field = int(exponent) + BASE_EXPONENT + LIMB - room

        # Down to 24 bits, or further where the smallest exponent forbids; up no further than that
        if window >= (1 << 28):
            shift = 5
        elif window >= (1 << 27):
            shift = 4
        elif window >= (1 << 26):
            shift = 3
        elif window >= (1 << 25):
            shift = 2
        elif window >= (1 << 24):
            shift = 1
        if window >= (1 << 29):
            shift = 6
        if field + shift < 1:
            shift = 1 - field
        if shift > DEEPEST:
            window = 0
            sticky = 0
            shift = 1
            field = 0
        if shift > 0:
            half = 1 << (shift - 1)
            rest = window & ((1 << shift) - 1)
            window = window >> shift
            field = field + shift
            if rest > half or (rest == half and (sticky == 1 or (window & 1) == 1)):
                window = window + 1
        else:
            if window < (1 << 8) and field > 16:
                window = window << 16
                field = field - 16
            if window < (1 << 16) and field > 8:
                window = window << 8
                field = field - 8
            if window < (1 << 20) and field > 4:
                window = window << 4
                field = field - 4
            if window < (1 << 22) and field > 2:
                window = window << 2
                field = field - 2
            if window < (1 << 23) and field > 1:
                window = window << 1
                field = field - 1

        if nan or (plus_infinity and minus_infinity):
            value.next = CANONICAL_NAN
        elif plus_infinity:
            value.next = INFINITY
        elif minus_infinity:
            value.next = SIGN | INFINITY
        elif upper == 0 and lower == 0:
            value.next = 0
        else:
            if field >= INFINITY_EXPONENT:
                magnitude = INFINITY
            else:
                # The leading one, and a carry out of rounding, add into the exponent field; a subnormal has neither.
                magnitude = ((field - 1) << FRACTION_BITS) + window
            if negative:
                value.next = SIGN | magnitude
            else:
                value.next = magnitude

    return scale

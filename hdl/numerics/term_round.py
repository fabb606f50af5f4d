"""The sum of a dot product, in two limbs, becomes a float32, rounded once. Chapter: the array and its utilisation.

    high ──┐
           + ──> |top|, 28 bits ──┬──> << both until the top's bit 27 is set ──> >> among the subnormals ──> round, pack
    low ───┴──> rest,   14 bits ──┘        exponent goes down with it                 lost bits gather in bit 0

`scale_round` does the same to the 14 bits of an FP4 dot product, which only a subnormal result can be too narrow for.
Here a sum has up to 42 bits. Once its leading one stands at bit 27, a top holds the 24 bits of a significand, one to
round by and three below it, so what is left in `rest` counts only as being zero or not.
"""

from myhdl import always_comb, block

from hdl.bundle import wire
from hdl.numerics.lane_dot import HIGH_BITS, LIMB, LOW_BITS, signed
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
INFINITY = FLOAT32.largest_code + 1
INFINITY_EXPONENT = INFINITY >> FRACTION_BITS
SIGN = 1 << FLOAT32.magnitude_bits
REST = (1 << LIMB) - 1
LEADING = 27  # where the leading one goes; |high| and the carry out of low stay below 2**28
ROUND_BITS = LEADING - FRACTION_BITS
ROUNDING = (1 << ROUND_BITS) - 1
HALF = 1 << (ROUND_BITS - 1)
BASE_EXPONENT = FLOAT32.bias + LEADING + LIMB  # the exponent field of a top that needs no shift, at exponent 0
DEEPEST = LEADING - 1  # as far down a top has nothing left to round by but bits below one half
EXPONENT_BITS = 11


def ports() -> dict:
    """Fresh ports."""
    return {
        "high": signed(HIGH_BITS),
        "low": signed(LOW_BITS),
        "exponent": signed(EXPONENT_BITS),
        "nan": wire(1),
        "plus_infinity": wire(1),
        "minus_infinity": wire(1),
        "value": wire(32),
    }


@block
def term_round(high, low, exponent, nan, plus_infinity, minus_infinity, value):
    """value = RNE_f32((high * 2**14 + low) * 2**exponent): to nearest, ties to even, once.

    high, low      : signed 28 and 30 bits in, the limbs of a sum
    exponent       : signed 11 bits in, of its unit: scales and format, or what a sum in BF16 was aligned to
    nan            : 1 bit in, the result is NaN
    plus_infinity,
    minus_infinity : 1 bit in, the result is this infinity, or NaN with both
    value          : 32 bits out, float32: a sum of 0 gives +0, an underflow keeps its sign, an overflow is Inf

    Combinational.
    """

    @always_comb
    def scale():
        top = int(high)
        rest = int(low)
        field = int(exponent) + BASE_EXPONENT
        negative = False
        shift = 0
        dropped = 0
        magnitude = 0

        # One number in two limbs: a carry out of the low one, then the magnitude of both.
        top = top + (rest >> LIMB)
        rest = rest & REST
        if top < 0:
            negative = True
            if rest == 0:
                top = -top
            else:
                top = -top - 1
                rest = REST + 1 - rest

        # The leading one moves up to bit 27. The first two steps are whole limbs: 41 places at most.
        if top < (1 << LIMB):
            top = (top << LIMB) | rest
            rest = 0
            field = field - LIMB
        if top < (1 << LIMB):
            top = top << LIMB
            field = field - LIMB
        if top < (1 << (LEADING - 7)):
            top = (top << 8) | (rest >> (LIMB - 8))
            rest = (rest << 8) & REST
            field = field - 8
        if top < (1 << (LEADING - 3)):
            top = (top << 4) | (rest >> (LIMB - 4))
            rest = (rest << 4) & REST
            field = field - 4
        if top < (1 << (LEADING - 1)):
            top = (top << 2) | (rest >> (LIMB - 2))
            rest = (rest << 2) & REST
            field = field - 2
        if top < (1 << LEADING):
            top = (top << 1) | (rest >> (LIMB - 1))
            rest = (rest << 1) & REST
            field = field - 1

        # Among the subnormals the exponent field stays at its smallest and the top moves down.
        if field < 1:
            shift = 1 - field
            if shift > DEEPEST:
                shift = DEEPEST
            field = 1
            dropped = top & ((1 << shift) - 1)
            top = top >> shift
        if dropped != 0 or rest != 0:
            top = top | 1

        dropped = top & ROUNDING
        magnitude = top >> ROUND_BITS
        if dropped > HALF or (dropped == HALF and (magnitude & 1) == 1):
            magnitude = magnitude + 1

        if nan or (plus_infinity and minus_infinity):
            value.next = CANONICAL_NAN
        elif plus_infinity:
            value.next = INFINITY
        elif minus_infinity:
            value.next = SIGN | INFINITY
        elif top == 0:
            value.next = 0
        else:
            if field >= INFINITY_EXPONENT:
                magnitude = INFINITY
            else:
                # The leading one, and a carry out of rounding, add into the exponent field; a subnormal has neither.
                magnitude = ((field - 1) << FRACTION_BITS) + magnitude
            if negative:
                value.next = SIGN | magnitude
            else:
                value.next = magnitude

    return scale

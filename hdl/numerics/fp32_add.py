"""Add two float32 numbers as IEEE 754 does, to nearest, ties to even. Chapter: a dot product that is exact.

            x          y
            │          │
         ┌──┴──────────┴──┐
         │ order by size  │        a float's 31 magnitude bits order like an integer
         └──┬──────────┬──┘
      larger│          │smaller    significands: leading one, 23 fraction bits, guard, round, sticky
            │    ┌─────┴─────┐
            │    │ >> align  │     by the difference of the exponents; lost bits gather in sticky
            │    └─────┬─────┘
            └──> ( + or - )        minus where the signs differ: never negative, the larger comes first
                      │
              ┌───────┴───────┐
              │ normalise     │    >> 1 after a carry; << past leading zeros, no further than exponent 1
              └───────┬───────┘
              ┌───────┴───────┐
              │ round, pack   │    up where guard, round, sticky are above half, or half and odd
              └───────┬───────┘
                    total

Why three extra bits are enough: only a subtraction can shift left, and by more than one place only if the
exponents differ by at most 1, when alignment has lost nothing.
"""

from myhdl import Signal, always_comb, block

from hdl.bundle import wire
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
FRACTION = (1 << FRACTION_BITS) - 1
INFINITY = FLOAT32.largest_code + 1
INFINITY_EXPONENT = INFINITY >> FRACTION_BITS
SIGN = 1 << FLOAT32.magnitude_bits
MAGNITUDE = SIGN - 1
ROUNDING = 7  # the mask of guard, round, sticky
HALF = 4  # guard set, round and sticky clear: a tie
LEADING_BIT = FRACTION_BITS + 3  # of a normalised significand


def ports() -> dict:
    """Fresh ports."""
    return {"x": wire(32), "y": wire(32), "total": wire(32)}


@block
def fp32_add(x: Signal, y: Signal, total: Signal):
    """total = RNE_f32(x + y), subnormals kept.

    x, y  : 32 bits in, float32
    total : 32 bits out, float32; every NaN is 0x7FC00000; x - x is +0, and only -0 + -0 is -0

    Combinational.
    """

    @always_comb
    def add():
        x_negative = x >= SIGN
        y_negative = y >= SIGN
        x_magnitude = int(x) & MAGNITUDE
        y_magnitude = int(y) & MAGNITUDE
        subtract = x_negative != y_negative
        larger = 0
        smaller = 0
        negative = False
        exponent = 0
        smaller_exponent = 0
        significand = 0
        addend = 0
        distance = 0
        aligned = 0
        rest = 0
        magnitude = 0

        if x_magnitude >= y_magnitude:
            larger = x_magnitude
            smaller = y_magnitude
            negative = x_negative
        else:
            larger = y_magnitude
            smaller = x_magnitude
            negative = y_negative

        if larger > INFINITY or (larger == INFINITY and smaller == INFINITY and subtract):
            magnitude = CANONICAL_NAN
            negative = False
        elif larger == INFINITY:
            magnitude = INFINITY
        elif larger == smaller and subtract:
            magnitude = 0
            negative = False
        else:
            # A subnormal has no leading one, and the exponent of field 1.
            exponent = larger >> FRACTION_BITS
            significand = larger & FRACTION
            if exponent == 0:
                exponent = 1
            else:
                significand = significand + (1 << FRACTION_BITS)
            significand = significand << 3
            smaller_exponent = smaller >> FRACTION_BITS
            addend = smaller & FRACTION
            if smaller_exponent == 0:
                smaller_exponent = 1
            else:
                addend = addend + (1 << FRACTION_BITS)
            addend = addend << 3

            distance = exponent - smaller_exponent
            aligned = addend >> distance
            if (aligned << distance) != addend:
                aligned = aligned | 1

            if subtract:
                significand = significand - aligned
                # Five steps count the leading zeros in binary; each also stops at the smallest exponent.
                if significand < (1 << (LEADING_BIT - 15)) and exponent > 16:
                    significand = significand << 16
                    exponent = exponent - 16
                if significand < (1 << (LEADING_BIT - 7)) and exponent > 8:
                    significand = significand << 8
                    exponent = exponent - 8
                if significand < (1 << (LEADING_BIT - 3)) and exponent > 4:
                    significand = significand << 4
                    exponent = exponent - 4
                if significand < (1 << (LEADING_BIT - 1)) and exponent > 2:
                    significand = significand << 2
                    exponent = exponent - 2
                if significand < (1 << LEADING_BIT) and exponent > 1:
                    significand = significand << 1
                    exponent = exponent - 1
            else:
                significand = significand + aligned
                if significand >= (1 << (LEADING_BIT + 1)):
                    significand = (significand >> 1) | (significand & 1)
                    exponent = exponent + 1

            rest = significand & ROUNDING
            significand = significand >> 3
            if rest > HALF or (rest == HALF and (significand & 1) == 1):
                significand = significand + 1
            if exponent >= INFINITY_EXPONENT:
                magnitude = INFINITY
            else:
                # The leading one, and a carry out of rounding, add into the exponent field; a subnormal has neither.
                magnitude = ((exponent - 1) << FRACTION_BITS) + significand

        if negative:
            total.next = SIGN | magnitude
        else:
            total.next = magnitude

    return add

"""The dot product of two words, in four formats on one set of multipliers. Chapter: the array and its utilisation.

A word of 128 bits has eight pieces of 16, and a piece of each word feeds four of the 32 multipliers of 4 x 4 bits:

    format    a piece holds    multiplier i of the four takes
    mxfp4       4 x E2M1       the magnitudes of element i, in halves: at most 12
    mxfp8       2 x E4M3       the significands of element i; there are two, and two multipliers rest
    w4a8        2 x E4M3       a's significand and b's magnitude; b's two elements are 8 bits of one half of its word
    bf16        1 x BF16       a nibble of each significand: four products make one of 8 x 8 bits

    a piece ──> x ──4,±──┐
                         * ──8,±──> << place ──┬──> + four ──> [bf16: align, ±] ──> + eight ──> low
    b piece ──> y ──4────┘                     └──> + those whose place is 14 or more ────────> high

In MX formats x takes the sign of the product, so that nothing behind the multiplier needs to be negated; in BF16 the
sign waits until the product has been cut toward zero.

`place` is 0 for E2M1, the sum of both exponents for E4M3, and where the partial product belongs for BF16: 8, 4, 4, 0.
An MX sum is exact and so wide that it takes two limbs. A sum in BF16 is not exact: its products are aligned to the
largest exponent among them and cut short, and `bf16_matmul` of the golden models has the definition.
"""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, E2M1, E2M1_HALVES, E4M3
from zhenwu.spec.mma_formats import MMA_FORMATS, WORD_BITS, require_formats

PIECE_BITS = 16
PIECE = (1 << PIECE_BITS) - 1
PIECES = WORD_BITS // PIECE_BITS
HALF_WORD = WORD_BITS // 2

MAGNITUDES = tuple(abs(halves) for halves in E2M1_HALVES)
E2M1_SIGN = 1 << E2M1.magnitude_bits

E4M3_FIELD = E4M3.mantissa_bits  # where the exponent field begins
E4M3_FRACTION = (1 << E4M3_FIELD) - 1
E4M3_ONE = 1 << E4M3_FIELD  # a normal number's leading one
E4M3_MAGNITUDE = (1 << E4M3.magnitude_bits) - 1
E4M3_SIGN = E4M3_MAGNITUDE + 1
E4M3_NAN = min(E4M3.nan_codes)

BF16_FIELD = BF16.mantissa_bits
BF16_FRACTION = (1 << BF16_FIELD) - 1
BF16_ONE = 1 << BF16_FIELD
BF16_MAGNITUDE = (1 << BF16.magnitude_bits) - 1
BF16_SIGN = BF16_MAGNITUDE + 1
BF16_INFINITY = BF16.largest_code + 1
BF16_BIASES = 2 * BF16.bias  # in the sum of two exponent fields
BF16_ROOM = BF16_ALIGNED_BITS - 2 * BF16.mantissa_bits  # bits that the largest product is moved up before any is cut

# Two limbs, high * 2**14 + low, each with room for the two passes of a block, which are added outside. A pass brings
# each limb 16 products of at most 15 * 15, moved up by at most 13 places in low and 14 in high:
#     |low|  <= 16 * (225 << 13) < 2**25; in bf16, which has one pass, 8 * (255 * 255 << 10) < 2**29
#     |high| <= 16 * (225 << 14) < 2**26
LIMB = 14
HIGH_BITS = 28
LOW_BITS = 30
EXPONENT_BITS = 10


def signed(width: int) -> Signal:
    """A fresh signed signal of `width` bits, initially zero."""
    return Signal(intbv(0, min=-(1 << (width - 1)), max=1 << (width - 1)))


def ports() -> dict:
    """Fresh ports."""
    return {
        "a": wire(WORD_BITS),
        "b": wire(WORD_BITS),
        "fmt": wire(2),
        "upper": wire(1),
        "high": signed(HIGH_BITS),
        "low": signed(LOW_BITS),
        "largest": signed(EXPONENT_BITS),
        "nan": wire(1),
        "plus_infinity": wire(1),
        "minus_infinity": wire(1),
    }


def meaning(name: str, formats: tuple[str, ...]) -> tuple[int, ...]:
    """For each code of `fmt` whether it means this format: all 0, a constant, if that is not built in.

    The code of an absent format means the first that is there, so that a format alone is no choice and costs none.
    """
    built_in = {MMA_FORMATS[each].code: each for each in formats}
    return tuple(int(built_in.get(code, formats[0]) == name) for code in range(len(MMA_FORMATS)))


@block
def lane_dot(a, b, fmt, upper, high, low, largest, nan, plus_infinity, minus_infinity, *, formats):
    """high * 2**14 + low = the sum of a[i] * b[i] over the lanes of a format: 32, 16, 16 or 8.

    a, b           : 128 bits in, element 0 in the lowest bits
    fmt            : 2 bits in, the code of an MmaFormat
    upper          : 1 bit in, w4a8 only: which half of b's 32 elements meets a's 16
    high, low      : signed 28 and 30 bits out, the sum in units of 2**unit_exponent, or of 2**(largest - 24) in bf16
    largest        : signed 10 bits out, bf16: the largest exponent of a product that is not zero; 0 if there is none,
                     and in the other formats
    nan            : 1 bit out, an element is NaN, or infinity meets zero
    plus_infinity  : 1 bit out, bf16 only: a product is +Inf
    minus_infinity : 1 bit out, bf16 only: a product is -Inf
    formats        : names of the MmaFormats that are built in; an empty list or another name is refused

    Combinational. With any of the last three outputs up, the sum takes NaN and infinity for numbers of their exponent
    field, and is worth nothing. `fmt` must be one of `formats`, which whoever drives it has to see to.
    """
    require_formats(formats)
    mxfp4_codes = meaning("mxfp4", formats)
    mxfp8_codes = meaning("mxfp8", formats)
    w4a8_codes = meaning("w4a8", formats)
    bf16_codes = meaning("bf16", formats)

    @always_comb
    def multiply():
        code = int(fmt)
        mxfp4 = mxfp4_codes[code]
        mxfp8 = mxfp8_codes[code]
        w4a8 = w4a8_codes[code]
        bf16 = bf16_codes[code]
        a_piece = 0
        b_piece = 0
        a_code = 0
        b_code = 0
        a_exponent = 0
        b_exponent = 0
        a_significand = 0
        b_significand = 0
        peak = 0
        x = 0
        y = 0
        place = 0
        far = 0
        negative = False
        product = 0
        near = 0
        low_sum = 0
        high_sum = 0
        found_nan = 0
        found_plus = 0
        found_minus = 0

        if bf16 == 1:
            # The largest exponent comes first: every product is aligned to it.
            for piece in range(PIECES):
                a_code = (int(a) >> (PIECE_BITS * piece)) & BF16_MAGNITUDE
                b_code = (int(b) >> (PIECE_BITS * piece)) & BF16_MAGNITUDE
                a_exponent = a_code >> BF16_FIELD
                b_exponent = b_code >> BF16_FIELD
                # A subnormal has the exponent of field 1, so no product is left with 0.
                if a_exponent == 0:
                    a_exponent = 1
                if b_exponent == 0:
                    b_exponent = 1
                if a_code != 0 and b_code != 0 and a_exponent + b_exponent > peak:
                    peak = a_exponent + b_exponent

        for piece in range(PIECES):
            a_piece = (int(a) >> (PIECE_BITS * piece)) & PIECE
            if w4a8 == 0:
                b_piece = (int(b) >> (PIECE_BITS * piece)) & PIECE
            elif upper:
                b_piece = (int(b) >> (HALF_WORD + PIECE_BITS // 2 * piece)) & PIECE
            else:
                b_piece = (int(b) >> (PIECE_BITS // 2 * piece)) & PIECE
            near = 0

            if bf16 == 1:
                a_code = a_piece & BF16_MAGNITUDE
                b_code = b_piece & BF16_MAGNITUDE
                a_exponent = a_code >> BF16_FIELD
                b_exponent = b_code >> BF16_FIELD
                a_significand = a_code & BF16_FRACTION
                b_significand = b_code & BF16_FRACTION
                if a_exponent == 0:
                    a_exponent = 1
                else:
                    a_significand = a_significand + BF16_ONE
                if b_exponent == 0:
                    b_exponent = 1
                else:
                    b_significand = b_significand + BF16_ONE

            for i in range(4):
                if mxfp4 == 1:
                    b_code = (b_piece >> (4 * i)) & 0xF
                    x = E2M1_HALVES[((a_piece >> (4 * i)) & 0xF) ^ (b_code & E2M1_SIGN)]
                    y = MAGNITUDES[b_code]
                elif bf16 == 1:
                    x = (a_significand >> (4 * (i // 2))) & 0xF
                    y = (b_significand >> (4 * (i % 2))) & 0xF
                    place = 4 * (i // 2 + i % 2)
                elif i < 2 and mxfp8 + w4a8 == 1:
                    a_code = (a_piece >> (8 * i)) & 0xFF
                    a_exponent = (a_code & E4M3_MAGNITUDE) >> E4M3_FIELD
                    x = a_code & E4M3_FRACTION
                    place = 0
                    if a_exponent != 0:
                        x = x + E4M3_ONE
                        place = a_exponent - 1
                    if (a_code & E4M3_MAGNITUDE) == E4M3_NAN:
                        found_nan = 1
                    if mxfp8 == 1:
                        b_code = (b_piece >> (8 * i)) & 0xFF
                        b_exponent = (b_code & E4M3_MAGNITUDE) >> E4M3_FIELD
                        y = b_code & E4M3_FRACTION
                        if b_exponent != 0:
                            y = y + E4M3_ONE
                            place = place + b_exponent - 1
                        if (b_code & E4M3_MAGNITUDE) == E4M3_NAN:
                            found_nan = 1
                    else:
                        b_code = ((b_piece >> (4 * i)) & 0xF) << 4
                        y = MAGNITUDES[b_code >> 4]
                    if ((a_code ^ b_code) & E4M3_SIGN) != 0:
                        x = -x
                    far = 0
                    if place >= LIMB:
                        place = place - LIMB
                        far = 1
                else:
                    x = 0
                    y = 0

                product = (x * y) << place
                if far == 0:
                    near = near + product
                else:
                    high_sum = high_sum + product

            if bf16 == 1:
                near = near << BF16_ROOM
                if a_exponent + b_exponent < peak:
                    near = near >> (peak - a_exponent - b_exponent)
                negative = ((a_piece ^ b_piece) & BF16_SIGN) != 0
                if negative:
                    near = -near
                if a_code > BF16_INFINITY or b_code > BF16_INFINITY:
                    found_nan = 1
                elif a_code == BF16_INFINITY or b_code == BF16_INFINITY:
                    if a_code == 0 or b_code == 0:
                        found_nan = 1
                    elif negative:
                        found_minus = 1
                    else:
                        found_plus = 1
            low_sum = low_sum + near

        low.next = low_sum
        high.next = high_sum
        if bf16 == 1 and peak != 0:
            largest.next = peak - BF16_BIASES
        else:
            largest.next = 0
        nan.next = found_nan
        plus_infinity.next = found_plus
        minus_infinity.next = found_minus

    return multiply

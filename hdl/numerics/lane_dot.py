"""The exact sum of 32, 16 or 8 products, in one datapath for four formats. Chapter: the array and its utilisation.

    128 bits of a, 128 bits of b                     8 lanes of 16 bits, with four 4 x 4 multipliers each
      MXFP4   |aaaa|aaaa|aaaa|aaaa|                  four products of magnitudes in halves
      MXFP8   |aaaaaaaa|aaaaaaaa|                    two products of significands, shifted by their exponents
      W4A8    |aaaaaaaa|aaaaaaaa| x |bbbb|bbbb|      likewise; b's exponents are in its halves already
      BF16    |aaaaaaaaaaaaaaaa|                     one product: four of nibbles, shifted 8, 4, 4 and 0, and added

    MX:   sum in units of 2**unit_exponent = high * 2**LIMB + low
    BF16: each product is shifted by 10 places less its distance from the largest exponent, cut toward zero: sum in low

An exact sum of MXFP8 has 42 bits, more than an int local may hold. So there are two sums: what is shifted by LIMB or
more goes to the high one. Products of 8 bits shifted by at most 14, 16 in a pass and 32 in a block, fit 28 bits in
either, and eight of BF16, of 26 bits each, fit 30.
"""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, E2M1, E2M1_HALVES, E4M3
from zhenwu.spec.mma_formats import BF16_MMA, MXFP4_MMA, MXFP8_MMA, W4A8_MMA, WORD_BITS, require_formats

LANES = 8
LANE_BITS = WORD_BITS // LANES
LANE_MASK = (1 << LANE_BITS) - 1
LIMB = 14
HIGH_BITS, LOW_BITS, EXPONENT_BITS = 28, 30, 10  # of the outputs, sign included

FP4, FP8, MIXED, WIDE = MXFP4_MMA.code, MXFP8_MMA.code, W4A8_MMA.code, BF16_MMA.code
HALVES = tuple(E2M1_HALVES[: 1 << E2M1.magnitude_bits])  # of a magnitude's code
FP4_SIGN, FP8_SIGN, WIDE_SIGN = E2M1.magnitude_bits, E4M3.magnitude_bits, BF16.magnitude_bits
FP4_MAGNITUDE, FP8_MAGNITUDE = (1 << FP4_SIGN) - 1, (1 << FP8_SIGN) - 1
FP8_NAN = min(E4M3.nan_codes)
FP8_FRACTION = E4M3.mantissa_bits
WIDE_FRACTION = BF16.mantissa_bits
WIDE_EXPONENT = (1 << BF16.exponent_bits) - 1
BIAS = BF16.bias
NOWHERE = -(1 << (EXPONENT_BITS - 1))  # below the exponent of every product
ROOM = BF16_ALIGNED_BITS - 2 * WIDE_FRACTION  # places that the largest product moves up
GONE = 2 * (WIDE_FRACTION + 1)  # places down by which a product is cut to nothing


def signed(bits: int):
    """A signal of `bits` bits, sign included."""
    return Signal(intbv(0, min=-(1 << (bits - 1)), max=1 << (bits - 1)))


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


@block
def lane_dot(a, b, fmt, upper, high, low, largest, nan, plus_infinity, minus_infinity, *, formats):
    """Multiply the pairs of elements of two words and add the products.

    a, b    : 128 bits in, 32 E2M1, 16 E4M3 or 8 BF16 codes, the first one lowest
    fmt     : 2 bits in, an MmaFormat's code, one of `formats`
    upper   : 1 bit in: in W4A8 the upper 16 of b's codes meet a's; looked at in no other format
    high, low : signed 28 and 30 bits out: the sum is high * 2**14 + low
    largest : signed 10 bits out: of BF16 the largest exponent of a nonzero product, -512 if there is none; else 0
    nan     : 1 bit out: an element is NaN, or infinity meets zero
    plus_infinity, minus_infinity : 1 bit out: a product of BF16 is that; then the sum means nothing
    formats : names of the formats that are built in

    Combinational. Block scales do not take part: `term_round` gets their exponents.
    """
    require_formats(formats)
    fp4_built, fp8_built = MXFP4_MMA.name in formats, MXFP8_MMA.name in formats
    mixed_built, wide_built = W4A8_MMA.name in formats, BF16_MMA.name in formats
    top = signed(EXPONENT_BITS)

    @always_comb
    def compare():
        a_piece = 0
        b_piece = 0
        a_exponent = 0
        b_exponent = 0
        a_fraction = 0
        b_fraction = 0
        found = 0
        not_a_number = False
        plus = False
        minus = False
        found = NOWHERE
        if wide_built and fmt == WIDE:
            for lane in range(LANES):
                a_piece = int(a >> (LANE_BITS * lane)) & LANE_MASK
                b_piece = int(b >> (LANE_BITS * lane)) & LANE_MASK
                a_exponent = (a_piece >> WIDE_FRACTION) & WIDE_EXPONENT
                b_exponent = (b_piece >> WIDE_FRACTION) & WIDE_EXPONENT
                a_fraction = a_piece & ((1 << WIDE_FRACTION) - 1)
                b_fraction = b_piece & ((1 << WIDE_FRACTION) - 1)
                if a_exponent == WIDE_EXPONENT or b_exponent == WIDE_EXPONENT:
                    if (a_exponent == WIDE_EXPONENT and a_fraction != 0) or a_exponent + a_fraction == 0:
                        not_a_number = True
                    elif (b_exponent == WIDE_EXPONENT and b_fraction != 0) or b_exponent + b_fraction == 0:
                        not_a_number = True
                    elif ((a_piece ^ b_piece) >> WIDE_SIGN) == 1:
                        minus = True
                    else:
                        plus = True
                if a_exponent + a_fraction != 0 and b_exponent + b_fraction != 0:
                    if a_exponent == 0:
                        a_exponent = 1
                    if b_exponent == 0:
                        b_exponent = 1
                    if a_exponent + b_exponent - 2 * BIAS > found:
                        found = a_exponent + b_exponent - 2 * BIAS
            top.next = found
        else:
            top.next = 0
        if (fp8_built and fmt == FP8) or (mixed_built and fmt == MIXED):
            for lane in range(LANES):
                a_piece = int(a >> (LANE_BITS * lane)) & LANE_MASK
                if (a_piece & FP8_MAGNITUDE) == FP8_NAN or ((a_piece >> 8) & FP8_MAGNITUDE) == FP8_NAN:
                    not_a_number = True
                if fp8_built and fmt == FP8:
                    b_piece = int(b >> (LANE_BITS * lane)) & LANE_MASK
                    if (b_piece & FP8_MAGNITUDE) == FP8_NAN or ((b_piece >> 8) & FP8_MAGNITUDE) == FP8_NAN:
                        not_a_number = True
        nan.next = not_a_number
        plus_infinity.next = plus
        minus_infinity.next = minus

    @always_comb
    def multiply():
        form = 0
        a_piece = 0
        b_piece = 0
        a_code = 0
        b_code = 0
        x = 0
        y = 0
        shift = 0
        negative = 0
        product = 0
        whole = 0
        high_sum = 0
        low_sum = 0
        highest = 0
        form = int(fmt)
        highest = int(top)
        for lane in range(LANES):
            a_piece = int(a >> (LANE_BITS * lane)) & LANE_MASK
            b_piece = int(b >> (LANE_BITS * lane)) & LANE_MASK
            if mixed_built and form == MIXED:
                b_piece = int(b >> (8 * lane)) & 0xFF
                if upper:
                    b_piece = int(b >> (8 * lane + WORD_BITS // 2)) & 0xFF
            whole = 0
            for i in range(4):
                x = 0
                y = 0
                shift = 0
                negative = 0
                if fp4_built and form == FP4:
                    x = HALVES[(a_piece >> (4 * i)) & FP4_MAGNITUDE]
                    y = HALVES[(b_piece >> (4 * i)) & FP4_MAGNITUDE]
                    negative = ((a_piece ^ b_piece) >> (4 * i + FP4_SIGN)) & 1
                elif wide_built and form == WIDE:
                    # nibbles of both significands: low by low, high by low, low by high, high by high
                    x = (a_piece >> (4 * (i & 1))) & 0xF
                    y = (b_piece >> (4 * (i >> 1))) & 0xF
                    if (i & 1) == 1:
                        x = x & 7
                        if ((a_piece >> WIDE_FRACTION) & WIDE_EXPONENT) != 0:
                            x = x + 8
                    if (i >> 1) == 1:
                        y = y & 7
                        if ((b_piece >> WIDE_FRACTION) & WIDE_EXPONENT) != 0:
                            y = y + 8
                elif i < 2 and (fp8_built or mixed_built):
                    a_code = (a_piece >> (8 * i)) & 0xFF
                    x = a_code & 7
                    shift = (a_code >> FP8_FRACTION) & 15
                    if shift != 0:
                        x = x + 8
                        shift = shift - 1
                    if fp8_built and form == FP8:
                        b_code = (b_piece >> (8 * i)) & 0xFF
                        y = b_code & 7
                        if (b_code & 0x78) != 0:
                            y = y + 8
                            shift = shift + ((b_code >> FP8_FRACTION) & 15) - 1
                        negative = (a_code ^ b_code) >> FP8_SIGN
                    else:
                        b_code = (b_piece >> (4 * i)) & 0xF
                        y = HALVES[b_code & FP4_MAGNITUDE]
                        negative = (a_code >> FP8_SIGN) ^ (b_code >> FP4_SIGN)
                product = x * y
                if wide_built and form == WIDE:
                    whole = whole + (product << (4 * (i & 1) + 4 * (i >> 1)))
                elif shift < LIMB:
                    if negative == 1:
                        low_sum = low_sum - (product << shift)
                    else:
                        low_sum = low_sum + (product << shift)
                elif negative == 1:
                    high_sum = high_sum - (product << (shift - LIMB))
                else:
                    high_sum = high_sum + (product << (shift - LIMB))
            if wide_built and form == WIDE:
                shift = (a_piece >> WIDE_FRACTION) & WIDE_EXPONENT
                if shift == 0:
                    shift = 1
                if ((b_piece >> WIDE_FRACTION) & WIDE_EXPONENT) == 0:
                    shift = shift + 1
                else:
                    shift = shift + ((b_piece >> WIDE_FRACTION) & WIDE_EXPONENT)
                shift = ROOM + shift - 2 * BIAS - highest
                if whole == 0 or shift <= -GONE or shift > ROOM:
                    whole = 0
                elif shift >= 0:
                    whole = whole << shift
                else:
                    whole = whole >> (-shift)
                if ((a_piece ^ b_piece) >> WIDE_SIGN) == 1:
                    low_sum = low_sum - whole
                else:
                    low_sum = low_sum + whole
        high.next = high_sum
        low.next = low_sum

    @always_comb
    def report():
        largest.next = top

    return compare, multiply, report

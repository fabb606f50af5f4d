"""Float32 elements become MXFP4 blocks. Chapter: numbers in four bits.

    beat ──> [words]  ──────────────> align ──> eighths ──> NEAREST ──> codes
         └─> [largest exponent] ──> scale ──┘

A block's scale is 2**(floor(log2(largest magnitude)) - 2), which brings the largest element to 4 .. 8 (OCP MX
v1.0, section 6.3). Every element is then rounded to the nearest E2M1 code, ties to the even code; above 6 it
saturates. The exponent is read from the float's bits: a computed log2 rounds up just below a power of two.
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import LINE_BITS, Stream, wire
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E2M1_HALVES, E8M0_NAN, FLOAT32

BEATS = BLOCK_SIZE // 8  # of a whole block
FRACTION_BITS = FLOAT32.mantissa_bits
FRACTION = (1 << FRACTION_BITS) - 1
NEGATIVE = 1 << FLOAT32.exponent_bits  # in a float's upper nine bits
NOT_FINITE = NEGATIVE - 1  # the exponent field of Inf and NaN
E2M1_EMAX = E2M1.emax
E2M1_NEGATIVE = 1 << E2M1.magnitude_bits

# The code nearest to a magnitude in eighths, ties to even. Ties fall on odd quarters, so quarters and one sticky
# bit for everything below decide: an odd number of eighths stands for all values strictly between two quarters.
NEAREST = tuple(
    min(range(E2M1_NEGATIVE), key=lambda code: (abs(eighths - 4 * E2M1_HALVES[code]), code % 2))
    for eighths in range(8 * 8)
)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "src": Stream(data=LINE_BITS, count=4, last=1),
        "dst": Stream(codes=4 * BLOCK_SIZE, scale=8),
    }


@block
def mx_quantise(clk: Signal, rst: ResetSignal, src: Stream, dst: Stream):
    """Gather a block of up to 32 float32 elements, then encode it at once.

    src : stream of 1 .. 4 beats a block: `count` (1 .. 8) elements in `data`, low words first, `last` closes it
    dst : stream of blocks: element i's code in bits 4i+3 .. 4i of `codes`, its E8M0 `scale`

    A block that ends before 32 elements is ragged: its scale comes from its elements, the other codes are 0. A NaN
    or Inf makes the scale NaN and all codes 0. Zeros keep their sign; a block of zeros has scale 0.

    Takes a beat every cycle, so a whole block in 4, while `dst` is taken; the block is offered 2 cycles after its
    last beat was. Refuses nothing: the source must fill every beat but the last, and close a block by its 4th beat.
    """
    words = [wire(LINE_BITS) for _ in range(BEATS)]
    beat = Signal(intbv(0, min=0, max=BEATS))  # the place of the next one
    elements = Signal(intbv(0, min=0, max=BLOCK_SIZE + 1))
    largest = wire(FLOAT32.exponent_bits)
    full = wire(1)  # a whole block is gathered
    encode_now = wire(1)
    quads = [wire(16) for _ in range(BLOCK_SIZE // 4)]  # four codes each
    codes = ConcatSignal(*reversed(quads))

    @always_comb
    def handshake():
        encode_now.next = full and (dst.ready or not dst.valid)
        src.ready.next = dst.ready or not dst.valid or not full

    @always(clk.posedge)
    def capture():
        if src.valid and src.ready:
            words[int(beat)].next = src.data

    @always_seq(clk.posedge, rst)
    def gather():
        count = int(src.count)
        exponent = 0
        highest = 0
        if src.valid and src.ready:
            if beat != 0:
                highest = int(largest)
            for i in range(8):
                exponent = int(src.data >> (32 * i + FRACTION_BITS)) & NOT_FINITE
                if i < count and exponent > highest:
                    highest = exponent
            largest.next = highest
            elements.next = 8 * beat + count
            if src.last:
                beat.next = 0
            else:
                beat.next = beat + 1
            full.next = src.last
        elif encode_now:
            full.next = 0

    @always_seq(clk.posedge, rst)
    def encode():
        highest = int(largest)
        scale = 0
        position = 0
        code = 0
        quad = 0
        sign_exponent = 0
        exponent = 0
        significand = 0
        shift = 0
        quarters = 0
        sticky = 0
        if encode_now:
            # E8M0 and float32 share their bias. Subnormals lie so far below 2**-125 that their scale clamps to 0.
            if highest == NOT_FINITE:
                scale = E8M0_NAN
            elif highest > E2M1_EMAX:
                scale = highest - E2M1_EMAX
            for word in range(BEATS):
                for half in range(2):
                    quad = 0
                    for i in range(4):
                        position = 4 * half + i
                        code = 0
                        if 8 * word + position < elements and highest != NOT_FINITE:
                            sign_exponent = int(words[word] >> (32 * position + FRACTION_BITS)) & (2 * NEGATIVE - 1)
                            significand = int(words[word] >> (32 * position)) & FRACTION
                            exponent = sign_exponent & NOT_FINITE
                            if exponent == 0:
                                exponent = 1
                            else:
                                significand = significand + (1 << FRACTION_BITS)
                            # element / 2**(scale - 127) = significand * 2**(exponent - scale - 23), below 8
                            shift = FRACTION_BITS - 2 + scale - exponent
                            quarters = significand >> shift
                            sticky = 0
                            if (quarters << shift) != significand:
                                sticky = 1
                            code = NEAREST[2 * quarters + sticky]
                            if sign_exponent >= NEGATIVE:
                                code = code + E2M1_NEGATIVE
                        quad = quad + (code << (4 * i))
                    quads[2 * word + half].next = quad
            dst.scale.next = scale
            dst.valid.next = 1
        elif dst.ready:
            dst.valid.next = 0

    @always_comb
    def offer():
        dst.codes.next = codes

    return handshake, capture, gather, encode, offer

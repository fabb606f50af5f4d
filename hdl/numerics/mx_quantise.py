"""Float32 elements become a block of MXFP4 or MXFP8. Chapter: numbers in four bits.

    beat ──> [words]  ────────────────> align ──> round ──> saturate ──> codes
         └─> [largest magnitude] ──> block_scale ──┘

`block_scale` chooses a power of two that brings the largest element near the top of the element's range. Every element
is then divided by it, which moves only its exponent, and rounded once to the nearest code, ties to the even code;
above the largest code it saturates.

One rounder serves both elements. A code is an exponent field over a mantissa field and counts on from one binade to
the next, so a carry out of the mantissa moves up by itself. In E4M3, whose bias is 7:

    1.011101 * 2**3  ──>  1011 1 01               leading one and mantissa, guard, what is only sticky
                     ──>  ((3 + 7 - 1) << 3) + 1100
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import LINE_BITS, Stream, wire
from hdl.numerics.block_scale import ELEMENTS, FRACTION, FRACTION_BITS, block_scale
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_NAN, FLOAT32

BEAT = 8  # elements
BEATS = BLOCK_SIZE // BEAT  # of a whole block
MAGNITUDE = (1 << FLOAT32.magnitude_bits) - 1
HALVES = BLOCK_SIZE // 2  # 16 bits of codes each: two of E4M3 or four of E2M1

# By fmt, of an element
MANTISSA_BITS = tuple(element.mantissa_bits for element in ELEMENTS)
BIAS = tuple(element.bias for element in ELEMENTS)
LARGEST_CODE = tuple(element.largest_code for element in ELEMENTS)
NEGATIVE = tuple(1 << element.magnitude_bits for element in ELEMENTS)

# Where a subnormal's leading one stands, from its fraction's upper seven bits. One that stands lower does not matter:
# less than 2**-133 is less than E4M3's smallest normal number even at the smallest scale, so its code is subnormal too.
SEARCHED_BITS = 7
SEARCHED = FRACTION_BITS - SEARCHED_BITS
LEADING_ONE = tuple(SEARCHED + max(upper.bit_length() - 1, 0) for upper in range(1 << SEARCHED_BITS))


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "src": Stream(data=LINE_BITS, count=4, last=1, fmt=1, rule=2),
        "dst": Stream(codes=8 * BLOCK_SIZE, scale=8),
    }


@block
def mx_quantise(clk: Signal, rst: ResetSignal, src: Stream, dst: Stream):
    """Gather a block of up to 32 float32 elements, then encode it at once.

    src : stream of 1 .. 4 beats a block: `count` (1 .. 8) elements in `data`, low words first, `last` closes it;
          `fmt` (0: E2M1, 1: E4M3) and `rule` (0 floor, 1 even, 2 rceil) count in the beat that closes it
    dst : stream of blocks: the codes and their E8M0 `scale`. Element i's code is in bits 4i+3 .. 4i of `codes` if it
          is E2M1, the upper half then 0, and in bits 8i+7 .. 8i if it is E4M3

    A block that ends before 32 elements is ragged: its scale comes from its elements, the other codes are 0. A NaN
    or Inf makes the scale NaN and all codes 0. Zeros keep their sign; a block of zeros has scale 0.

    Takes a beat every cycle, so a whole block in 4, while `dst` is taken; the block is offered 2 cycles after its
    last beat was. Refuses nothing: the source must fill every beat but the last, and close a block by its 4th beat;
    the sequencer traps a store with rule 3, which is none.
    """
    words = [wire(LINE_BITS) for _ in range(BEATS)]
    beat = Signal(intbv(0, min=0, max=BEATS))  # the place of the next one
    elements = Signal(intbv(0, min=0, max=BLOCK_SIZE + 1))
    largest = wire(FLOAT32.magnitude_bits)
    fmt = wire(1)
    rule = wire(2)
    scale = wire(8)
    full = wire(1)  # a whole block is gathered
    encode_now = wire(1)
    halves = [wire(16) for _ in range(HALVES)]
    codes = ConcatSignal(*reversed(halves))

    scales = block_scale(largest, fmt, rule, scale)

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
        magnitude = 0
        highest = 0
        if src.valid and src.ready:
            if beat != 0:
                highest = int(largest)
            for i in range(BEAT):
                magnitude = int(src.data >> (32 * i)) & MAGNITUDE
                if i < count and magnitude > highest:
                    highest = magnitude
            largest.next = highest
            fmt.next = src.fmt
            rule.next = src.rule
            elements.next = BEAT * beat + count
            if src.last:
                beat.next = 0
            else:
                beat.next = beat + 1
            full.next = src.last
        elif encode_now:
            full.next = 0

    @always_seq(clk.posedge, rst)
    def encode():
        element = int(fmt)
        mantissa_bits = MANTISSA_BITS[element]
        bias = BIAS[element]
        largest_code = LARGEST_CODE[element]
        negative = NEGATIVE[element]
        divisor = int(scale)
        present = int(elements)
        magnitude = 0
        field = 0
        significand = 0
        leading = 0
        shift = 0
        kept = 0
        code = 0
        gathered = 0
        if encode_now:
            if divisor == E8M0_NAN:
                present = 0
            for i in range(BLOCK_SIZE):
                code = 0
                if i < present:
                    magnitude = int(words[i // BEAT] >> (32 * (i % BEAT))) & MAGNITUDE
                    field = magnitude >> FRACTION_BITS
                    significand = magnitude & FRACTION
                    leading = FRACTION_BITS  # where its leading one stands
                    if field == 0:
                        leading = LEADING_ONE[significand >> SEARCHED]
                        field = leading - FRACTION_BITS + 1
                    else:
                        significand = significand + (1 << FRACTION_BITS)
                    # Of element / 2**(scale - 127), biased as codes are. Those below 1 share the smallest exponent.
                    field = field - divisor + bias
                    shift = leading - mantissa_bits - 1
                    if field < 1:
                        shift = shift + 1 - field
                        field = 1
                    # The code's mantissa and a guard bit, which carries if anything is below it or the code is odd
                    kept = significand >> shift
                    if (kept & 2) != 0 or (kept << shift) != significand:
                        kept = kept + 1
                    code = ((field - 1) << mantissa_bits) + (kept >> 1)
                    if code > largest_code:
                        code = largest_code
                    if words[i // BEAT][32 * (i % BEAT) + 31]:
                        code = code + negative
                if element == 1:
                    gathered = gathered + (code << (8 * (i % 2)))
                    if i % 2 == 1:
                        halves[i // 2].next = gathered
                        gathered = 0
                else:
                    gathered = gathered + (code << (4 * (i % 4)))
                    if i % 4 == 3:
                        halves[i // 4].next = gathered
                        halves[HALVES // 2 + i // 4].next = 0
                        gathered = 0
            dst.scale.next = divisor
            dst.valid.next = 1
        elif dst.ready:
            dst.valid.next = 0

    @always_comb
    def offer():
        dst.codes.next = codes

    return scales, handshake, capture, gather, encode, offer

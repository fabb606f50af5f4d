"""The scale of a block by one of three rules. Chapter: numbers in four bits.

    amax ──> + ──> cut off the mantissa ──> exponent field ──> less emax ──> scale
             ^
    ROUND_UP[fmt, rule]

The exponent is read from the float's bits, for E8M0 and float32 share their bias: a computed log2 rounds up just below
a power of two. The rules differ only in which magnitudes move up to the next power of two, and so in what is added
before the mantissa is cut off:

    floor   nothing: 2**(floor(log2(amax)) - emax), which leaves what lies above the largest element to saturate
    even    half of the element's last place: amax is rounded to the element's mantissa before its exponent is read
    rceil   what carries if the mantissa is larger than the largest element's: the smallest power of two that is at
            least amax / largest, so nothing saturates
"""

from myhdl import Signal, always_comb, block

from hdl.bundle import wire
from zhenwu.spec.formats import E2M1, E4M3, E8M0_NAN, FLOAT32, SCALE_RULES

FRACTION_BITS = FLOAT32.mantissa_bits
FRACTION = (1 << FRACTION_BITS) - 1
NOT_FINITE = (1 << FLOAT32.exponent_bits) - 1  # the exponent field of Inf and NaN
ELEMENTS = (E2M1, E4M3)  # by fmt
EMAX = tuple(element.emax for element in ELEMENTS)
RULES = 4  # places for each element in ROUND_UP; there is no rule 3


def round_up(place: int) -> int:
    """What is added to amax before its mantissa is cut off; 0 for floor, and where there is no rule."""
    element, rule = ELEMENTS[place // RULES], (*SCALE_RULES, "floor")[place % RULES]
    last_place = FRACTION_BITS - element.mantissa_bits  # of the element's mantissa, among the fraction's bits
    if rule == "even":
        # A tie goes up: it carries only where the element's mantissa is all ones, thus odd.
        return 1 << (last_place - 1)
    if rule == "rceil":
        mantissa = element.largest_code & ((1 << element.mantissa_bits) - 1)
        return FRACTION - (mantissa << last_place)
    return 0


ROUND_UP = tuple(round_up(place) for place in range(RULES * len(ELEMENTS)))


def ports() -> dict:
    """Fresh ports."""
    return {"amax": wire(FLOAT32.magnitude_bits), "fmt": wire(1), "rule": wire(2), "scale": wire(8)}


@block
def block_scale(amax: Signal, fmt: Signal, rule: Signal, scale: Signal):
    """The E8M0 byte of a block whose largest magnitude is `amax`.

    amax  : 31 bits in, the largest magnitude of the block's elements: a float32 without its sign
    fmt   : 1 bit in, the elements that the block gets: 0 E2M1, 1 E4M3
    rule  : 2 bits in, 0 floor, 1 even, 2 rceil: places in SCALE_RULES
    scale : 8 bits out, at least 0 (2**-127); Inf and NaN give 255, the NaN of E8M0

    Combinational. There is no rule 3: the sequencer traps a store that asks for it, and here it would be floor.
    """

    @always_comb
    def choose():
        bits = int(amax)
        element = int(fmt)
        place = RULES * element + int(rule)
        added = ROUND_UP[place]
        emax = EMAX[element]
        exponent = 0
        if bits >> FRACTION_BITS == NOT_FINITE:
            scale.next = E8M0_NAN
        else:
            # Below a normal float's exponent lies only 2**-127. No upper limit is needed: a carry out of the largest
            # float gives 255, and emax is at least 2.
            exponent = (bits + added) >> FRACTION_BITS
            if exponent > emax:
                scale.next = exponent - emax
            else:
                scale.next = 0

    return choose

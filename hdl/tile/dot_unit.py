"""One dot unit: 32, 16 or 8 products a cycle, added to one of many float32 accumulators.

    a, b ──> products ──> [exact sum] ──> round once ──> [term] ──> fp32_add ──> accumulators[slot]
    scales ─────────────> [exponent] ──────┘             [psum] ───────┘             │
                                                           ^── +0, accumulators, sum ─┘

The sum is exact until a group is complete: a block of 32, of which MXFP8 and W4A8 take half a pass, or eight products
of BF16. A unit of MXFP4 alone has the products of `mx_dot` and the rounding of `scale_round`; with more formats it has
those of `lane_dot` and `term_round`, which give the same. Chapter: a dot product that is exact.
"""

from myhdl import ResetSignal, Signal, always, always_seq, block, intbv

from hdl.bundle import wire
from hdl.numerics.fp32_add_pipelined import fp32_add_pipelined
from hdl.numerics.lane_dot import EXPONENT_BITS, HIGH_BITS, LOW_BITS, lane_dot, signed
from hdl.numerics.mx_dot import mx_dot
from hdl.numerics.scale_round import scale_round
from hdl.numerics.term_round import term_round
from zhenwu.spec.formats import E8M0_BIAS, E8M0_NAN
from zhenwu.spec.mma_formats import BF16_MMA, MXFP4_MMA, MXFP8_MMA, W4A8_MMA, WORD_BITS

STAGES = 2  # registers between operands and the adder
BF16 = BF16_MMA.code
# What to add to the sum of two scale bytes, by format; BF16 has none
BASE_EXPONENT = (
    MXFP4_MMA.unit_exponent - 2 * E8M0_BIAS,
    MXFP8_MMA.unit_exponent - 2 * E8M0_BIAS,
    W4A8_MMA.unit_exponent - 2 * E8M0_BIAS,
    0,
)
BF16_UNIT = BF16_MMA.unit_exponent
MXFP4_ALONE = (MXFP4_MMA.name,)


def ports(*, slots: int) -> dict:
    """Fresh ports of a dot unit with `slots` accumulators."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "valid": wire(1),
        "a": wire(WORD_BITS),
        "b": wire(WORD_BITS),
        "a_scale": wire(8),
        "b_scale": wire(8),
        "fmt": wire(2),
        "upper": wire(1),
        "fetch_slot": Signal(intbv(0, min=0, max=slots)),
        "first": wire(1),
        "accumulate": wire(1),
        "slot": Signal(intbv(0, min=0, max=slots)),
        "read": wire(1),
        "read_slot": Signal(intbv(0, min=0, max=slots)),
        "read_value": wire(32),
    }


@block
def dot_unit(clk, rst, valid, a, b, a_scale, b_scale, fmt, upper, fetch_slot, first, accumulate, slot, read, read_slot,
             read_value, *, slots, formats, latency):
    """accumulators[slot] = RNE(accumulators[slot] + RNE(dot(a, b) * 2**(scales))), in one or two passes

    valid            : 1 bit in: the operands count
    a, b             : 128 bits in, 32 E2M1, 16 E4M3 or 8 BF16 codes each
    a_scale, b_scale : 8 bits in, E8M0 block scales; BF16 has none
    fmt              : 2 bits in, an MmaFormat's code, one of `formats`
    upper            : 1 bit in: the second pass over a block, in W4A8 with the upper half of b
    fetch_slot       : in, the accumulator that takes the operands of the cycle before
    first            : 1 bit in, with `fetch_slot`: start this accumulator from +0
    accumulate, slot : in, `latency` cycles after `fetch_slot`, the same accumulator, and whether the operands counted
                       and closed their group
    read, read_slot  : in, show this accumulator from the next cycle on
    read_value       : 32 bits out, float32
    formats          : names of the formats that are built in
    latency          : cycles of the addition, 1 .. 4

    A slice of operands every cycle; the sum stands in its accumulator 2 + `latency` cycles after them. The same slot
    may recur `latency` cycles later. Accumulators are a memory: no reset, `first` starts each.
    """
    term, term_held = wire(32), wire(32)
    psum, total = wire(32), wire(32)
    accumulators = [wire(32) for _ in range(slots)]

    if formats == MXFP4_ALONE:
        dot = Signal(intbv(0, min=-8192, max=8192))
        products = mxfp4_term(clk, rst, a, b, a_scale, b_scale, dot, term)
    else:
        products = lane_term(clk, rst, valid, a, b, a_scale, b_scale, fmt, upper, term, formats=formats)
    add = fp32_add_pipelined(clk, psum, term_held, total, latency=latency)

    @always_seq(clk.posedge, rst)
    def advance():
        term_held.next = term

    @always(clk.posedge)
    def collect():
        if accumulate:
            accumulators[int(slot)].next = total
        if first:
            psum.next = 0
        elif accumulate and slot == fetch_slot:
            psum.next = total
        else:
            psum.next = accumulators[int(fetch_slot)]
        if read:
            read_value.next = accumulators[int(read_slot)]

    return products, add, advance, collect


@block
def mxfp4_term(clk, rst, a, b, a_scale, b_scale, dot, term):
    """The exact sum of a block of MXFP4 and, a cycle after its operands, the float32 that it adds."""
    dot_held = Signal(intbv(0, min=-8192, max=8192))
    a_scale_held, b_scale_held = wire(8), wire(8)
    multiply = mx_dot(a, b, dot)
    scale = scale_round(dot_held, a_scale_held, b_scale_held, term)

    @always_seq(clk.posedge, rst)
    def hold():
        dot_held.next = dot
        a_scale_held.next = a_scale
        b_scale_held.next = b_scale

    return multiply, scale, hold


@block
def lane_term(clk, rst, valid, a, b, a_scale, b_scale, fmt, upper, term, *, formats):
    """The float32 that a group of any format adds, a cycle after its last operands; both passes' sums are kept."""
    high, low = signed(HIGH_BITS), signed(LOW_BITS)
    high_held, low_held = signed(HIGH_BITS), signed(LOW_BITS)
    largest, exponent = signed(EXPONENT_BITS), signed(EXPONENT_BITS + 1)
    nan, plus_infinity, minus_infinity = wire(1), wire(1), wire(1)
    nan_held, plus_held, minus_held = wire(1), wire(1), wire(1)
    multiply = lane_dot(a, b, fmt, upper, high, low, largest, nan, plus_infinity, minus_infinity, formats=formats)
    scale = term_round(high_held, low_held, exponent, nan_held, plus_held, minus_held, term)

    @always_seq(clk.posedge, rst)
    def hold():
        base = 0
        scale_nan = False
        base = BASE_EXPONENT[int(fmt)]
        if valid:
            if fmt == BF16:
                exponent.next = largest + BF16_UNIT
            else:
                exponent.next = base + int(a_scale) + int(b_scale)
                scale_nan = a_scale == E8M0_NAN or b_scale == E8M0_NAN
            if upper:
                high_held.next = high_held + high
                low_held.next = low_held + low
                nan_held.next = nan_held or nan or scale_nan
            else:
                high_held.next = high
                low_held.next = low
                nan_held.next = nan or scale_nan
            plus_held.next = plus_infinity
            minus_held.next = minus_infinity

    return multiply, scale, hold

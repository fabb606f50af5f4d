"""One dot unit: 32 FP4 products a cycle, added to one of many float32 accumulators.

    a, b ──> mx_dot ──> [dot] ──> scale_round ──> [term] ──> fp32_add ──> accumulators[slot]
    scales ───────────> [scales] ──┘              [psum] ────────┘             │
                                                    ^── +0, accumulators, sum ─┘

Chapter: a dot product that is exact.
"""

from myhdl import ResetSignal, Signal, always, always_seq, block, intbv

from hdl.bundle import wire
from hdl.numerics.fp32_add import fp32_add
from hdl.numerics.mx_dot import mx_dot
from hdl.numerics.scale_round import scale_round

FETCH_DELAY = 1  # cycles from a slice of operands to the read of its accumulator
ADD_DELAY = 2  # and to the addition


def ports(*, slots: int) -> dict:
    """Fresh ports of a dot unit with `slots` accumulators."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "a": wire(128),
        "b": wire(128),
        "a_scale": wire(8),
        "b_scale": wire(8),
        "fetch_slot": Signal(intbv(0, min=0, max=slots)),
        "first": wire(1),
        "accumulate": wire(1),
        "slot": Signal(intbv(0, min=0, max=slots)),
        "read": wire(1),
        "read_slot": Signal(intbv(0, min=0, max=slots)),
        "read_value": wire(32),
    }


@block
def dot_unit(clk, rst, a, b, a_scale, b_scale, fetch_slot, first, accumulate, slot, read, read_slot, read_value, *,
             slots):
    """accumulators[slot] = RNE(accumulators[slot] + RNE(dot(a, b) * 2**(scales)))

    a, b             : 128 bits in, 32 E2M1 codes each
    a_scale, b_scale : 8 bits in, E8M0 block scales
    fetch_slot       : in, the accumulator that takes the operands of the cycle before
    first            : 1 bit in, with `fetch_slot`: start this accumulator from +0
    accumulate, slot : in, the same accumulator a cycle later, and whether the operands counted at all
    read, read_slot  : in, show this accumulator from the next cycle on
    read_value       : 32 bits out, float32

    A slice of operands every cycle; the sum stands in its accumulator 3 cycles after them. The same slot may recur
    in the next cycle. Accumulators are a memory: no reset, `first` starts each.
    """
    dot = Signal(intbv(0, min=-8192, max=8192))
    dot_held = Signal(intbv(0, min=-8192, max=8192))
    a_scale_held, b_scale_held = wire(8), wire(8)
    term, term_held = wire(32), wire(32)
    psum, total = wire(32), wire(32)
    accumulators = [wire(32) for _ in range(slots)]

    multiply = mx_dot(a, b, dot)
    scale = scale_round(dot_held, a_scale_held, b_scale_held, term)
    add = fp32_add(psum, term_held, total)

    @always_seq(clk.posedge, rst)
    def advance():
        dot_held.next = dot
        a_scale_held.next = a_scale
        b_scale_held.next = b_scale
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

    return multiply, scale, add, advance, collect

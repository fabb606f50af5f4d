"""A line of 256 bits out of 31: what a line never written holds, and what a write brings. Chapter: down to Verilog.

    value ──> step ──> step ──> ... ──> step        nine steps, 31 bits of the line each
                 └─────────┴───── line ────┘

A step is the one of `lfsr.py` read in a mirror, bit 30 for bit 0, so that it too visits all 2**31 - 1 values and the
words of a line are never the next draws of a register. All is XOR: each bit of the line is another sum of bits of the
value.
"""

from myhdl import ConcatSignal, always_comb, block

from hdl.bundle import LINE_BITS, wire
from hdl.harness.lfsr import AGAIN, DRAW_BITS, LEFT, MASK, RIGHT

STEPS = -(-LINE_BITS // DRAW_BITS)
UNUSED = STEPS * DRAW_BITS - LINE_BITS  # the lowest bits of the first word


def ports() -> dict:
    """Fresh ports."""
    return {"value": wire(DRAW_BITS), "line": wire(LINE_BITS)}


@block
def line_hash(value, line):
    """Spread `value` over a line, in no time.

    value : 31 bits in
    line  : 256 bits out, not 0 unless `value` is
    """
    words = [wire(DRAW_BITS) for _ in range(STEPS)]
    whole = ConcatSignal(*reversed(words))
    steps = [mirrored_step(before, after) for before, after in zip([value, *words], words, strict=False)]

    @always_comb
    def cut():
        line.next = whole[:UNUSED]

    return steps, cut


@block
def mirrored_step(before, after):
    """The next 31 bits."""

    @always_comb
    def shift():
        bits = 0
        bits = int(before)
        bits = bits ^ (bits >> LEFT)
        bits = bits ^ ((bits & (MASK >> RIGHT)) << RIGHT)
        bits = bits ^ (bits >> AGAIN)
        after.next = bits

    return shift

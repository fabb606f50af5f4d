"""The exact dot product of two blocks of 32 FP4 elements. Chapter: a dot product that is exact.

        a ──4──> halves ─┐
                         × ──> 32 products ──> sum: -4608 .. 4608, in units of 2**-2
        b ──4──> halves ─┘

Two values in units of 2**-1 multiply to units of 2**-2, and 32 products of at most 12 * 12 fit 14 bits: nothing
is ever rounded here, so any order of addition gives the same sum.
"""

from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.spec.formats import BLOCK_SIZE, E2M1_HALVES

# Reading the wide words is what simulation time goes into, so each read takes as many codes as fit the 31 bits of an
# int local. The last piece reaches past the word, where the codes read as 0 and add nothing.
CODES = 7
PIECES = -(-BLOCK_SIZE // CODES)
PIECE_BITS = 4 * CODES
PIECE_MASK = (1 << PIECE_BITS) - 1


def ports() -> dict:
    """Fresh ports."""
    return {
        "a": wire(4 * BLOCK_SIZE),
        "b": wire(4 * BLOCK_SIZE),
        "dot": Signal(intbv(0, min=-8192, max=8192)),
    }


@block
def mx_dot(a: Signal, b: Signal, dot: Signal):
    """Multiply 32 pairs of E2M1 elements and add the products, exactly.

    a, b : 128 bits in, element i in bits 4i+3 .. 4i
    dot  : signed 14 bits out, the sum in units of 2**-2

    Combinational. The block scales do not take part: `scale_round` applies them.
    """

    @always_comb
    def multiply():
        a_piece = 0
        b_piece = 0
        a_halves = 0
        b_halves = 0
        total = 0
        for piece in range(PIECES):
            a_piece = int(a >> (PIECE_BITS * piece)) & PIECE_MASK
            b_piece = int(b >> (PIECE_BITS * piece)) & PIECE_MASK
            for i in range(CODES):
                a_halves = E2M1_HALVES[(a_piece >> (4 * i)) & 0xF]
                b_halves = E2M1_HALVES[(b_piece >> (4 * i)) & 0xF]
                total = total + a_halves * b_halves
        dot.next = total

    return multiply

"""A linear feedback shift register that draws 31 bits a cycle. Chapter: down to Verilog.

Marsaglia's xorshift: three shifts, each XORed in, so that a bit of the next draw is a XOR of bits of this one, as in
any LFSR, and yet no draw is its predecessor moved by a place. 31 bits, as that is what an int local holds.
"""

from myhdl import ResetSignal, Signal, always, block

from hdl.bundle import wire

DRAW_BITS = 31
SHIFTS = (7, 12, 6)  # left, right, left: a triple that visits all 2**31 - 1 values (tests/harness/test_lfsr.py)
MASK = (1 << DRAW_BITS) - 1
LEFT, RIGHT, AGAIN = SHIFTS


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "seed": wire(DRAW_BITS),
        "draw": wire(DRAW_BITS),
    }


@block
def lfsr(clk, rst, seed, draw, *, salt):
    """A new draw every cycle, the first one given by `seed` and `salt`.

    seed : 31 bits in, read while `rst` is high
    draw : 31 bits out, never 0

    salt : 31 bits that tell this register from others on the same seed
    """
    assert 0 <= salt <= MASK, f"salt = {salt}: expected 0 .. {MASK}"

    @always(clk.posedge)
    def shift():
        bits = 0
        bits = int(draw)
        bits = bits ^ ((bits & (MASK >> LEFT)) << LEFT)
        bits = bits ^ (bits >> RIGHT)
        bits = bits ^ ((bits & (MASK >> AGAIN)) << AGAIN)
        if rst:
            bits = int(seed) ^ salt
            if bits == 0:
                bits = salt | 1
        draw.next = bits

    return shift

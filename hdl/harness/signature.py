"""What the pins showed since the reset, in 32 bits: a multiple-input signature register. Chapter: down to Verilog.

    pins, payloads gated by their valid ──> words of 32 bits ──XOR──> turned left by one bit, XORed in

A single wrong bit in a single cycle always changes it; two wrong ones cancel with a chance of one in 2**32 or so, unless
they differ by just the turn.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block, concat

from hdl.bundle import wire

SIGNATURE_BITS = 32
STRIDE = 1000  # cycles from one look at the signature to the next


def ports(*, words: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "pins": wire(words * SIGNATURE_BITS),
        "value": wire(SIGNATURE_BITS),
    }


@block
def signature(clk, rst, pins, value, *, words):
    """Fold `pins` into `value` every cycle.

    pins  : words x 32 bits in
    value : 32 bits out: in the next cycle, value turned left by one XOR all words of pins
    """
    whole = wire(words * SIGNATURE_BITS)

    @always_comb
    def copy():
        whole.next = pins

    sums = [wire(SIGNATURE_BITS) for _ in range(words)]
    folds = [take(whole, sums[0], 0)]
    folds += [fold(whole, sums[index - 1], sums[index], index) for index in range(1, words)]
    total = sums[-1]

    @always_seq(clk.posedge, rst)
    def turn():
        value.next = concat(value[SIGNATURE_BITS - 1:], value[SIGNATURE_BITS - 1]) ^ total

    return copy, folds, turn


@block
def take(pins, total, index):
    """The first word."""
    own = pins(SIGNATURE_BITS * (index + 1), SIGNATURE_BITS * index)

    @always_comb
    def begin():
        total.next = own

    return begin


@block
def fold(pins, before, total, index):
    """One more word, XORed in."""
    own = pins(SIGNATURE_BITS * (index + 1), SIGNATURE_BITS * index)

    @always_comb
    def add():
        total.next = before ^ own

    return add

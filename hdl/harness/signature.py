"""What the pins showed since the reset, in 32 bits: a multiple-input signature register. Chapter: down to Verilog.

    pins, payloads gated by their valid ──> words of 32 bits ──XOR──> moved left by one bit, XORed in
                                                                       └─ the bit that leaves comes back in four places

The four places are those of a primitive polynomial, so that the register alone comes back to where it was only after
2**32 - 1 cycles. A single wrong bit always changes it, for however long it stands; were the register merely turned, one
that stands for 64 cycles, as a payload does under a long stall, would cancel itself. Others cancel with a chance of one
in 2**32 or so.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block, concat

from hdl.bundle import wire

SIGNATURE_BITS = 32
TAPS = 1 << 22 | 1 << 2 | 1 << 1  # beside bit 0: x**32 + x**22 + x**2 + x + 1 (Xilinx XAPP 052, table 3)
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
    value : 32 bits out: in the next cycle, value moved on by one XOR all words of pins
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
    def advance():
        if value[SIGNATURE_BITS - 1]:
            value.next = concat(value[SIGNATURE_BITS - 1:], True) ^ total ^ TAPS
        else:
            value.next = concat(value[SIGNATURE_BITS - 1:], False) ^ total

    return copy, folds, advance


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

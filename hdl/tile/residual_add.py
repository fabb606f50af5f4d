"""A beat of results with its part of the residual added. Chapter: the sequencer and the tile mover."""

from myhdl import ConcatSignal, Signal, always_comb, block, intbv

from hdl.bundle import LINE_BITS, wire
from hdl.numerics.fp32_add import fp32_add


def ports(*, cols: int) -> dict:
    """Fresh ports."""
    return {
        "beat": wire(cols * 32),
        "line": wire(LINE_BITS),
        "chunk": wire(2),
        "adding": wire(1),
        "kept": wire(4),
        "sums": wire(cols * 32),
    }


@block
def residual_add(beat, line, chunk, adding, kept, sums, *, cols):
    """sums = RNE_f32(beat + residual), word by word; the beat itself where nothing is added.

    beat   : `cols` float32 in
    line   : 256 bits in, the residual of 8 columns
    chunk  : 2 bits in, which `cols` of them belong to the beat
    adding : 1 bit in
    kept   : 4 bits in, the columns of the beat that lie inside the result; the others are +0
    sums   : `cols` float32 out

    Combinational. A beat to which nothing is added keeps its bits; a sum that is NaN is 0x7FC00000.
    """
    words, addends = wire(cols * 32), wire(LINE_BITS)  # of the addends, the lowest count
    totals = [Signal(intbv(0)[32:]) for _ in range(cols)]
    lanes = [lane(words, addends, adding, kept, totals[c], c) for c in range(cols)]
    joined = ConcatSignal(*reversed(totals))

    @always_comb
    def pick():
        # A whole beat to which nothing is added passes by the lanes, which rest.
        words.next = 0
        addends.next = 0
        if adding or kept < cols:
            words.next = beat
        if adding:
            addends.next = line >> (int(chunk) * (32 * cols))

    @always_comb
    def choose():
        if adding or kept < cols:
            sums.next = joined
        else:
            sums.next = beat

    return lanes, pick, choose


@block
def lane(words, addends, adding, kept, value, index):
    """One column of a beat."""
    word, addend = words(32 * (index + 1), 32 * index), addends(32 * (index + 1), 32 * index)
    x, total = wire(32), wire(32)
    add = fp32_add(x, addend, total)

    @always_comb
    def operand():
        x.next = 0
        if adding:
            x.next = word

    @always_comb
    def gate():
        value.next = 0
        if index < kept:
            value.next = word
            if adding:
                value.next = total

    return add, operand, gate

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
    beats = LINE_BITS // 32 // cols
    chunks = [line(cols * 32 * (i + 1), cols * 32 * i) for i in range(beats)]
    addends = wire(cols * 32)
    totals = [Signal(intbv(0)[32:]) for _ in range(cols)]
    lanes = [lane(beat, addends, adding, kept, totals[c], c) for c in range(cols)]
    joined = ConcatSignal(*reversed(totals))

    @always_comb
    def pick():
        addends.next = 0
        for i in range(beats):
            if adding and chunk == i:
                addends.next = chunks[i]

    @always_comb
    def join():
        sums.next = joined

    return lanes, pick, join


@block
def lane(beat, addends, adding, kept, value, index):
    """One column of a beat."""
    word, addend = beat(32 * (index + 1), 32 * index), addends(32 * (index + 1), 32 * index)
    x, y, total = wire(32), wire(32), wire(32)
    add = fp32_add(x, y, total)

    @always_comb
    def operands():
        # Where nothing is added the adder rests.
        x.next = 0
        y.next = 0
        if adding and index < kept:
            x.next = word
            y.next = addend

    @always_comb
    def choose():
        value.next = 0
        if index < kept:
            value.next = word
            if adding:
                value.next = total

    return add, operands, choose

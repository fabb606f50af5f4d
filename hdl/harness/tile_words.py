"""The instructions that a host draws, as words, and how a word is spoiled. Chapter: down to Verilog.

A word stands in five pieces that an int local can hold, from the lowest: head and base of 32 bits, low and high of 16,
tail of 32; no field crosses from one into the next.
"""

from myhdl import always_comb, block

from hdl.bundle import wire
from hdl.harness.operand_hash import ELEMENTS, REGION_LSB, RESULTS, SCALES
from zhenwu.spec.isa import LOAD, MMA, STEP_ROWS, STORE, LoadFields, MmaFields, StoreFields

PLACE_MASK = (1 << REGION_LSB) - 1
RESULT_MASK = 0xFFFF  # of a store's base: 16 rows, at any stride, end within the region
READ_BACK_MASK = 0x3FFF  # of the stride at which results are read as operands: so do 32 rows
UPPER_HALF = 15  # of a draw: another 16 bits
RESERVED_LSB = 23  # of tail: eight bits that every instruction has reserved


class Word:
    """The pieces of a word."""

    def __init__(self):
        self.head, self.base, self.tail = wire(32), wire(32), wire(32)
        self.low, self.high = wire(16), wire(16)


class Panels:
    """What a load brings into a half: one or two panels, the last one of `rows` rows, each of `k_steps` steps."""

    def __init__(self):
        self.half, self.two, self.rows, self.k_steps = wire(1), wire(1), wire(5), wire(8)


@block
def load_word(draw, element_draw, stride_draw, scale_draw, stride, parity, small, operand, needed, before, panels, word,
              *, half_steps):
    """A load, often of the other half than the last one, with rows for an mma of `needed` rows.

    draw, element_draw, stride_draw, scale_draw : 31 bits in
    stride  : 16 bits in, from one row to the next
    parity  : 1 bit in, of the region that the program stores to: results are read from the other
    small   : 1 bit in: up to 4 rows, one step
    operand : 1 bit in
    needed  : 5 bits in
    before  : 1 bit in, the half that was loaded last
    panels  : Panels out
    word    : Word out
    """

    @always_comb
    def compose():
        spice = 0
        two = 0
        rows = 0
        half = 0
        k_steps = 0
        bits = 0
        spice = int(draw)
        two = (spice >> 2) & (spice >> 3) & 1
        k_steps = 1 + ((((spice >> 4) & 15) * (half_steps >> two)) >> 4)
        rows = 1 + ((spice >> 8) & 15)
        if small:
            two = 0
            k_steps = 1
            rows = 1 + ((spice >> 8) & 3)
        if rows < int(needed):
            rows = int(needed)
        half = ((spice >> 12) | (spice >> 13)) & 1
        half = half ^ int(before)
        panels.half.next = half
        panels.two.next = two
        panels.rows.next = rows
        panels.k_steps.next = k_steps
        bits = LOAD | (int(operand) << LoadFields.operand.lsb) | (half << LoadFields.half.lsb)
        bits = bits | ((rows + STEP_ROWS * two) << LoadFields.rows.lsb)
        word.head.next = bits | (k_steps << LoadFields.k_steps.lsb)
        if ((spice >> 14) & 3) == 0:
            bits = (RESULTS + 1 - int(parity)) << REGION_LSB
            word.base.next = bits | (int(element_draw) & RESULT_MASK)
            word.low.next = int(stride) & READ_BACK_MASK
        else:
            bits = (ELEMENTS + ((spice >> 16) & 1)) << REGION_LSB
            word.base.next = bits | (int(element_draw) & PLACE_MASK)
            word.low.next = stride
        word.high.next = (int(element_draw) >> UPPER_HALF) ^ (int(stride_draw) >> UPPER_HALF)
        word.tail.next = (SCALES << REGION_LSB) | (int(scale_draw) & PLACE_MASK)

    return compose


@block
def mma_word(draw, small, first, closing, m, n, a, b, last, release_a, release_b, word):
    """An mma on some of the blocks that both operands have.

    draw    : 31 bits in
    small   : 1 bit in: it seldom releases what it reads
    first   : 1 bit in
    closing : 1 bit in: it must be the last of its sum
    m, n    : 5 bits in
    a, b    : Panels in
    last, release_a, release_b : 1 bit out, as in `word`
    word    : Word out
    """

    @always_comb
    def compose():
        spice = 0
        a_step = 0
        b_step = 0
        room = 0
        b_room = 0
        ends = 0
        releases = 0
        bits = 0
        spice = int(draw)
        if ((spice >> 2) & 3) == 0:
            a_step = (((spice >> 4) & 7) * int(a.k_steps)) >> 3
            b_step = (((spice >> 7) & 7) * int(b.k_steps)) >> 3
        room = int(a.k_steps) - a_step
        b_room = int(b.k_steps) - b_step
        if room > b_room:
            room = b_room
        word.base.next = 1 + ((((spice >> 10) & 15) * 2 * room) >> 4)
        if a.two and ((spice >> 14) & 1) == 1:
            a_step = a_step + int(a.k_steps)
        if b.two and ((spice >> 15) & 1) == 1:
            b_step = b_step + int(b.k_steps)
        word.low.next = a_step | (b_step << 8)
        if closing or ((spice >> 16) & 3) != 0:
            ends = 1
        last.next = ends
        releases = (spice >> 18) & 3
        if small:
            releases = releases & (spice >> 20)
        release_a.next = releases & 1
        release_b.next = releases >> 1
        bits = MMA | (int(a.half) << MmaFields.a_half.lsb) | (int(b.half) << MmaFields.b_half.lsb)
        bits = bits | (int(first) << MmaFields.first.lsb) | (ends << MmaFields.last.lsb)
        bits = bits | (releases << MmaFields.release_a.lsb)
        word.head.next = bits | (int(m) << MmaFields.m.lsb) | (int(n) << MmaFields.n.lsb)
        word.high.next = 0
        word.tail.next = 0

    return compose


@block
def spoiled_word(draw, faulty, word, spoiled):
    """Where `faulty`, in one of 16 words: an opcode or a reserved bit that is not allowed, or a size that is not.

    draw    : 31 bits in
    faulty  : 1 bit in
    word    : Word in
    spoiled : Word out
    """

    @always_comb
    def spoil():
        way = 0
        opcode = 0
        head = 0
        base = 0
        tail = 0
        way = (int(draw) >> 26) & 3
        opcode = int(word.head & 15)
        head = int(word.head & 0x7FFFFFFF)
        base = int(word.base & 0x7FFFFFFF)
        tail = int(word.tail & 0x7FFFFFFF)
        if faulty and ((int(draw) >> 22) & 15) == 0:
            if way == 0:
                head = head - opcode  # as in a word that nobody wrote
            elif way == 1:
                head = head | 8
            elif way == 2:
                tail = tail | (1 << (RESERVED_LSB + ((int(draw) >> 28) & 7)))
            elif opcode == LOAD:
                head = head | (255 << LoadFields.k_steps.lsb)
            elif opcode == MMA:
                base = 0
            elif opcode == STORE:
                head = head | (31 << StoreFields.m.lsb)
            else:
                base = 1
        spoiled.head.next = head
        spoiled.base.next = base
        spoiled.tail.next = tail
        spoiled.low.next = word.low
        spoiled.high.next = word.high

    return spoil

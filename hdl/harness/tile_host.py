"""A host that draws one small program after another, and runs them. Chapter: down to Verilog.

    pause ─> [load A] ─> [load B] ─> mma ─┬─> store ─> [wait] ─> next result, up to eight ─> start ─> until done
               ^──────────────────────────┘ sum not finished

Halves alternate or not; what an mma does not release serves the next one too; a store may be put off until after the
next result; sums over k may take three mmas. A load reads operands that nobody writes, or results of the program
before it: a program stores to one of two regions, the next to the other. Now and then a word is bad, and traps.
"""

from myhdl import ConcatSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import wire
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.operand_hash import REGION_LSB, RESULTS
from hdl.harness.tile_words import RESULT_MASK, Panels, Word, load_word, mma_word, spoiled_word
from hdl.tile.sequencer import INDEX_BITS
from zhenwu.spec.isa import STORE, WAIT, StoreFields

PAUSE, LAUNCH, LAUNCHED, RUN, LOAD_A, LOAD_B, MULTIPLY, KEEP, ROUND_OFF = range(9)  # from LOAD_A on it draws words
NEAR_MASK = 15  # of strides in a program whose rows lie near each other
SUMS = 2  # mmas after the first of a sum, at most
AGAIN_BITS, AGAIN = 7, 0x55  # a start while the program runs, in one cycle of 2**7


@block
def tile_host(clk, rst, draw, element_draw, stride_draw, scale_draw, code, start, length, done, *, half_steps):
    """Drive a tile for ever.

    draw, element_draw, stride_draw, scale_draw : 31 bits in, new every cycle
    code, start, length, done                   : to and from the tile, as there

    half_steps : of the tile, at least 2

    Programs are what `zhenwu/golden/tile/check_program.py` lets pass, but for the bad words. A start that comes as a
    program ends runs it once more: it reads nothing that it writes, and writes the same.
    """
    assert half_steps >= 2, f"half_steps = {half_steps}: expected room for two panels of one step"

    state = Signal(intbv(PAUSE, min=0, max=9))
    pause = wire(6)
    more = wire(3)  # results after this one
    parity = wire(1)  # of the region that this program stores to
    faulty = wire(1)  # words may be bad
    near = wire(1)  # its rows are: a few lines apart, not as many as a stride can say
    small = wire(1)  # many small results, so that instructions follow each other closely
    count = wire(INDEX_BITS)

    # The result at work, and one before it that waits for its store
    first = wire(1)
    sums = wire(2)
    m, n, owed_m, owed_n = (wire(5) for _ in range(4))
    owed = wire(2)
    a_held, b_held = wire(1), wire(1)  # a half that the next mma can use
    a, b = Panels(), Panels()  # what was loaded last

    free = wire(1)  # there is no word on offer, or it is taken
    go = wire(1)  # and no gap is due
    stride = wire(16)
    second, needed, before = wire(1), wire(5), wire(1)
    closing, last, release_a, release_b = (wire(1) for _ in range(4))
    put_off, issue = wire(1), wire(1)
    panels, load, mma, drawn, final = Panels(), Word(), Word(), Word(), Word()
    head, base, low, high, tail = wire(32), wire(32), wire(16), wire(16), wire(32)
    joined = ConcatSignal(tail, high, low, base, head)

    words = [
        load_word(draw, element_draw, stride_draw, scale_draw, stride, parity, small, second, needed, before, panels,
                  load, half_steps=half_steps),
        mma_word(draw, small, first, closing, m, n, a, b, last, release_a, release_b, mma),
        spoiled_word(draw, faulty, drawn, final),
    ]

    @always_comb
    def look():
        free.next = not code.valid or code.ready
        go.next = (not code.valid or code.ready) and (int(draw) & 3) != 0
        closing.next = sums == SUMS
        put_off.next = owed == 1 and more != 0 and (int(draw) & 12) == 0
        stride.next = int(stride_draw) & 0xFFFF
        if near:
            stride.next = int(stride_draw) & NEAR_MASK
        second.next = state == LOAD_B
        if state == LOAD_B:
            needed.next = n
            before.next = b.half
        else:
            needed.next = m
            before.next = a.half

    @always_comb
    def choose():
        rows = 0
        columns = 0
        issue.next = False
        drawn.head.next = WAIT
        drawn.base.next = 0
        drawn.low.next = 0
        drawn.high.next = 0
        drawn.tail.next = 0
        if (state == LOAD_A and not a_held) or (state == LOAD_B and not b_held):
            issue.next = True
            drawn.head.next = load.head
            drawn.base.next = load.base
            drawn.low.next = load.low
            drawn.high.next = load.high
            drawn.tail.next = load.tail
        elif state == MULTIPLY:
            issue.next = True
            drawn.head.next = mma.head
            drawn.base.next = mma.base
            drawn.low.next = mma.low
        elif state == KEEP:
            rows = int(m)
            columns = int(n)
            if owed == 2:
                rows = int(owed_m)
                columns = int(owed_n)
            issue.next = not put_off
            drawn.head.next = STORE | (rows << StoreFields.m.lsb) | (columns << StoreFields.n.lsb)
            drawn.base.next = ((RESULTS + int(parity)) << REGION_LSB) | (int(element_draw) & RESULT_MASK)
            drawn.low.next = stride
        elif state == ROUND_OFF:
            issue.next = (int(draw) & 12) == 0

    @always_seq(clk.posedge, rst)
    def offer():
        if free:
            code.valid.next = go and issue
        if go and issue:
            code.index.next = count
            head.next = final.head
            base.next = final.base
            low.next = final.low
            high.next = final.high
            tail.next = final.tail

    @always_comb
    def show():
        code.word.next = joined

    @always_seq(clk.posedge, rst)
    def run():
        start.next = False
        if free and state == LAUNCH:
            start.next = True
            length.next = count
            state.next = LAUNCHED
        elif free and state == LAUNCHED:
            state.next = RUN
        elif free and state == RUN:
            if done:
                state.next = PAUSE
                pause.next = (int(draw) >> 8) & (int(draw) >> 14) & 63
            else:
                start.next = (int(draw) & ((1 << AGAIN_BITS) - 1)) == AGAIN
        elif free and state == PAUSE:
            if pause != 0:
                pause.next = pause - 1
            else:
                state.next = LOAD_A
        elif go and state == LOAD_A:
            state.next = LOAD_B
        elif go and state == LOAD_B:
            state.next = MULTIPLY
        elif go and state == MULTIPLY:
            if last:
                state.next = KEEP
            else:
                state.next = LOAD_A
        elif go and state == KEEP:
            if owed == 1:
                state.next = ROUND_OFF
        elif go and state == ROUND_OFF:
            if more == 0:
                state.next = LAUNCH
            else:
                state.next = LOAD_A

    @always_seq(clk.posedge, rst)
    def plan():
        rows = 0
        columns = 0
        rows = 1 + ((int(draw) >> 4) & 15)
        columns = 1 + ((int(draw) >> 8) & 15)
        if small and state != PAUSE:
            rows = 1 + ((int(draw) >> 4) & 3)
            columns = 1 + ((int(draw) >> 8) & 3)
        if go and issue:
            count.next = count + 1
        if free and state == PAUSE and pause == 0:
            more.next = int(draw) & 3
            small.next = ((int(draw) >> 13) & 3) == 0
            if ((int(draw) >> 13) & 3) == 0:
                more.next = int(draw) >> (DRAW_BITS - 3)
            faulty.next = (int(draw) & 12) == 0
            near.next = ((int(draw) >> 12) & 1) == 1
            parity.next = not parity
            count.next = 0
            owed.next = 0
            first.next = True
            sums.next = 0
            m.next = rows
            n.next = columns
        elif go and state == MULTIPLY:
            first.next = last
            if last:
                owed.next = owed + 1
                sums.next = 0
            else:
                sums.next = sums + 1
        elif go and state == KEEP:
            if put_off:
                owed_m.next = m
                owed_n.next = n
            else:
                owed.next = owed - 1
        elif go and state == ROUND_OFF:
            if a_held and rows > int(a.rows):
                rows = int(a.rows)
            if b_held and columns > int(b.rows):
                columns = int(b.rows)
            m.next = rows
            n.next = columns
            if more != 0:
                more.next = more - 1

    @always_seq(clk.posedge, rst)
    def hold():
        if free and state == PAUSE:
            a_held.next = False
            b_held.next = False
        elif go and state == MULTIPLY:
            a_held.next = not release_a
            b_held.next = not release_b
        elif go and state == LOAD_A and not a_held:
            a_held.next = True
            a.half.next = panels.half
            a.two.next = panels.two
            a.rows.next = panels.rows
            a.k_steps.next = panels.k_steps
        elif go and state == LOAD_B and not b_held:
            b_held.next = True
            b.half.next = panels.half
            b.two.next = panels.two
            b.rows.next = panels.rows
            b.k_steps.next = panels.k_steps

    return words, look, choose, offer, show, run, plan, hold

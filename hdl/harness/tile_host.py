"""A host that draws one small program after another, and runs them. Chapter: down to Verilog.

    pause ─> [load A] ─> [load B] ─> mma ─┬─> store ─> [wait] ─> next result, up to four ─> start ─> until done
               ^──────────────────────────┘ sum not finished

Halves alternate or not; what an mma does not release serves the next one too; a store may be put off until after the
next result; sums over k may take three mmas. A load reads operands that nobody writes, or results of the program
before it: a program stores to one of two regions, the next to the other. Now and then a word is bad, and traps.
"""

from myhdl import ConcatSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import wire
from hdl.harness.operand_hash import ELEMENTS, REGION_LSB, RESULTS, SCALES
from hdl.tile.sequencer import INDEX_BITS
from zhenwu.spec.isa import LOAD, MMA, STEP_ROWS, STORE, WAIT, LoadFields, MmaFields, StoreFields

PAUSE, LOAD_A, LOAD_B, MULTIPLY, KEEP, ROUND_OFF, LAUNCH, LAUNCHED, RUN = range(9)
PLACE_MASK = (1 << REGION_LSB) - 1
RESULT_MASK = 0xFFFF  # of a store's base: 16 rows, at any stride, end within the region
READ_BACK_MASK = 0x3FFF  # of the stride at which results are read as operands: so do 32 rows
SUMS = 2  # mmas after the first of a sum, at most
NEAR_MASK = 15  # of strides in a program whose rows lie near each other
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
    more = wire(2)  # results after this one
    parity = wire(1)  # of the region that this program stores to
    faulty = wire(1)  # words may be bad
    near = wire(1)  # its rows are: a few lines apart, not as many as a stride can say
    count = wire(INDEX_BITS)
    head, base, low, high, tail = wire(32), wire(32), wire(16), wire(16), wire(32)

    # The result at work, and one before it that waits for its store
    first = wire(1)
    sums = wire(2)
    m, n, owed_m, owed_n = (wire(5) for _ in range(4))
    owed = wire(2)
    # What stands in the half that was loaded last
    a_held, b_held, a_half, b_half, a_two, b_two = (wire(1) for _ in range(6))
    a_rows, b_rows = wire(5), wire(5)  # of the last of one or two panels
    a_steps, b_steps = wire(8), wire(8)  # of each panel

    word = ConcatSignal(tail, high, low, base, head)

    @always_comb
    def show():
        code.word.next = word

    @always_seq(clk.posedge, rst)
    def conduct():
        spice = 0
        opcode = 0
        head_word = 0
        base_word = 0
        low_word = 0
        high_word = 0
        tail_word = 0
        rows = 0
        columns = 0
        two = 0
        half = 0
        k_steps = 0
        a_step = 0
        b_step = 0
        room = 0
        b_room = 0
        blocks = 0
        last = 0
        stride = 0
        spice = int(draw)
        stride = int(stride_draw) & 0xFFFF
        if near:
            stride = stride & NEAR_MASK
        start.next = False
        if not code.valid or code.ready:
            code.valid.next = False
            if state == PAUSE:
                if pause != 0:
                    pause.next = pause - 1
                else:
                    more.next = spice & 3
                    faulty.next = ((spice >> 2) & 3) == 0
                    near.next = ((spice >> 12) & 1) == 1
                    parity.next = not parity
                    count.next = 0
                    owed.next = 0
                    a_held.next = False
                    b_held.next = False
                    first.next = True
                    sums.next = 0
                    m.next = 1 + ((spice >> 4) & 15)
                    n.next = 1 + ((spice >> 8) & 15)
                    state.next = LOAD_A
            elif state == LAUNCH:
                start.next = True
                length.next = count
                state.next = LAUNCHED
            elif state == LAUNCHED:
                state.next = RUN
            elif state == RUN:
                if done:
                    state.next = PAUSE
                    pause.next = (spice >> 8) & (spice >> 14) & 63
                else:
                    start.next = (spice & ((1 << AGAIN_BITS) - 1)) == AGAIN
            elif (spice & 3) == 0:
                opcode = 0  # a gap
            elif state == LOAD_A or state == LOAD_B:
                if (state == LOAD_A and a_held) or (state == LOAD_B and b_held):
                    opcode = 0
                else:
                    opcode = LOAD
                    two = (spice >> 2) & (spice >> 3) & 1
                    k_steps = 1 + ((((spice >> 4) & 15) * (half_steps >> two)) >> 4)
                    rows = 1 + ((spice >> 8) & 15)
                    half = (spice >> 12) | (spice >> 13)
                    half = half & 1
                    if state == LOAD_A:
                        half = half ^ int(a_half)
                        if rows < int(m):
                            rows = int(m)
                        a_held.next = True
                        a_half.next = half
                        a_two.next = two
                        a_rows.next = rows
                        a_steps.next = k_steps
                    else:
                        half = half ^ int(b_half)
                        if rows < int(n):
                            rows = int(n)
                        head_word = 1 << LoadFields.operand.lsb
                        b_held.next = True
                        b_half.next = half
                        b_two.next = two
                        b_rows.next = rows
                        b_steps.next = k_steps
                    head_word = head_word | (half << LoadFields.half.lsb)
                    head_word = head_word | ((rows + STEP_ROWS * two) << LoadFields.rows.lsb)
                    head_word = head_word | (k_steps << LoadFields.k_steps.lsb)
                    if ((spice >> 14) & 3) == 0:
                        base_word = (RESULTS + 1 - int(parity)) << REGION_LSB
                        base_word = base_word | (int(element_draw) & RESULT_MASK)
                        low_word = stride & READ_BACK_MASK
                    else:
                        base_word = (ELEMENTS + ((spice >> 16) & 1)) << REGION_LSB
                        base_word = base_word | (int(element_draw) & PLACE_MASK)
                        low_word = stride
                    high_word = (int(element_draw) >> 15) ^ (int(stride_draw) >> 15)
                    tail_word = (SCALES << REGION_LSB) | (int(scale_draw) & PLACE_MASK)
                if state == LOAD_A:
                    state.next = LOAD_B
                else:
                    state.next = MULTIPLY
            elif state == MULTIPLY:
                opcode = MMA
                if ((spice >> 2) & 3) == 0:
                    a_step = (((spice >> 4) & 7) * int(a_steps)) >> 3
                    b_step = (((spice >> 7) & 7) * int(b_steps)) >> 3
                room = int(a_steps) - a_step
                b_room = int(b_steps) - b_step
                if room > b_room:
                    room = b_room
                blocks = 1 + ((((spice >> 10) & 15) * 2 * room) >> 4)
                if a_two and ((spice >> 14) & 1) == 1:
                    a_step = a_step + int(a_steps)
                if b_two and ((spice >> 15) & 1) == 1:
                    b_step = b_step + int(b_steps)
                if sums == SUMS or ((spice >> 16) & 3) != 0:
                    last = 1
                rows = 0
                if ((spice >> 18) & 1) == 1:
                    rows = 1
                columns = 0
                if ((spice >> 19) & 1) == 1:
                    columns = 1
                head_word = (int(a_half) << MmaFields.a_half.lsb) | (int(b_half) << MmaFields.b_half.lsb)
                head_word = head_word | (int(first) << MmaFields.first.lsb) | (last << MmaFields.last.lsb)
                head_word = head_word | (rows << MmaFields.release_a.lsb) | (columns << MmaFields.release_b.lsb)
                head_word = head_word | (int(m) << MmaFields.m.lsb) | (int(n) << MmaFields.n.lsb)
                base_word = blocks
                low_word = a_step | (b_step << 8)
                a_held.next = rows == 0
                b_held.next = columns == 0
                first.next = last
                if last == 1:
                    owed.next = owed + 1
                    sums.next = 0
                    state.next = KEEP
                else:
                    sums.next = sums + 1
                    state.next = LOAD_A
            elif state == KEEP:
                if owed == 1 and more != 0 and ((spice >> 2) & 3) == 0:
                    owed_m.next = m
                    owed_n.next = n
                    state.next = ROUND_OFF
                else:
                    opcode = STORE
                    rows = int(m)
                    columns = int(n)
                    if owed == 2:
                        rows = int(owed_m)
                        columns = int(owed_n)
                    head_word = (rows << StoreFields.m.lsb) | (columns << StoreFields.n.lsb)
                    base_word = ((RESULTS + int(parity)) << REGION_LSB) | (int(element_draw) & RESULT_MASK)
                    low_word = stride
                    owed.next = owed - 1
                    if owed == 1:
                        state.next = ROUND_OFF
            else:
                if ((spice >> 2) & 3) == 0:
                    opcode = WAIT
                rows = 1 + ((spice >> 4) & 15)
                columns = 1 + ((spice >> 8) & 15)
                if a_held and rows > int(a_rows):
                    rows = int(a_rows)
                if b_held and columns > int(b_rows):
                    columns = int(b_rows)
                m.next = rows
                n.next = columns
                if more == 0:
                    state.next = LAUNCH
                else:
                    more.next = more - 1
                    state.next = LOAD_A
            if opcode != 0:
                head_word = head_word | opcode
                if faulty and ((spice >> 22) & 15) == 0:
                    if ((spice >> 26) & 3) == 0:
                        head_word = head_word - opcode  # the opcode of a word that nobody wrote
                    elif ((spice >> 26) & 3) == 1:
                        head_word = head_word | 8  # one that is not there
                    elif ((spice >> 26) & 3) == 2:
                        tail_word = tail_word | (1 << (23 + ((spice >> 28) & 7)))  # a reserved bit
                    elif opcode == LOAD:
                        head_word = head_word | (255 << LoadFields.k_steps.lsb)
                    elif opcode == MMA:
                        base_word = 0
                    elif opcode == STORE:
                        head_word = head_word | (31 << StoreFields.m.lsb)
                    else:
                        base_word = 1
                head.next = head_word
                base.next = base_word
                low.next = low_word
                high.next = high_word
                tail.next = tail_word
                code.valid.next = True
                code.index.next = count
                count.next = count + 1

    return show, conduct

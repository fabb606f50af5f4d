"""The array: rows x cols dot units that share their operands. Chapter: the array and its utilisation.

             b word 0   b word 1   ...          one word = one block of 32 codes
    a word 0  unit 0,0   unit 0,1               row i of a sub-tile meets column j in unit i,j
    a word 1  unit 1,0   unit 1,1               a step feeds every unit one block
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import Stream, wire
from hdl.tile.dot_unit import dot_unit
from hdl.tile.mma_issue import step_stream
from hdl.tile.operand_banks import WORD_BITS
from zhenwu.spec.isa import STEP_ROWS


def result_stream() -> Stream:
    """A finished result: which accumulator buffer holds it, and its m x n."""
    return Stream(buffer=1, m=5, n=5)


def ports(*, rows: int, cols: int, half_steps: int) -> dict:
    """Fresh ports."""
    slots = 2 * (STEP_ROWS // rows) * (STEP_ROWS // cols)
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "step": step_stream(rows=rows, cols=cols, half_steps=half_steps),
        "a_words": wire(rows * WORD_BITS),
        "a_scales": wire(WORD_BITS),
        "b_words": wire(cols * WORD_BITS),
        "b_scales": wire(WORD_BITS),
        "drain_read": wire(1),
        "drain_slot": Signal(intbv(0, min=0, max=slots)),
        "drain_row": Signal(intbv(0, min=0, max=rows)),
        "drain_values": wire(cols * 32),
        "result": result_stream(),
    }


@block
def mac_array(clk, rst, step, a_words, a_scales, b_words, b_scales, drain_read, drain_slot, drain_row, drain_values,
              result, *, rows, cols):
    """Accumulate every step in all dot units at once.

    step               : stream of steps, ready from the second cycle after reset on: the pipeline never stalls
    a_words, b_words   : rows x 128 and cols x 128 bits in, the scratchpad's answer one cycle after the step
    a_scales, b_scales : 128 bits in, the scales of 16 rows, likewise
    drain_read         : 1 bit in, read now
    drain_slot         : in, the accumulator read in every dot unit
    drain_row          : in, the row of dot units that `drain_values` shows, at once
    drain_values       : cols x 32 bits out, column 0 lowest, what was read last
    result             : stream of finished results, 4 cycles after the step marked `last`; its sink must have room
                         for two, one per accumulator buffer (`mma_issue` lets no more come)

    A step a cycle. The accumulator of a step stands 4 cycles after it.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    slots = 2 * sub_rows * sub_cols

    # Control, one register set a stage: the words are read, the dot is held, the term is held
    sub_row, sub_col = wire(4), wire(4)
    slot_1, slot_2, slot_3 = (Signal(intbv(0, min=0, max=slots)) for _ in range(3))
    valid_1, valid_2, valid_3 = wire(1), wire(1), wire(1)
    first_1, first_2 = wire(1), wire(1)
    last_1, last_2, last_3 = wire(1), wire(1), wire(1)
    buffer_1, buffer_2, buffer_3 = wire(1), wire(1), wire(1)
    m_1, m_2, m_3 = wire(5), wire(5), wire(5)
    n_1, n_2, n_3 = wire(5), wire(5), wire(5)

    @always_seq(clk.posedge, rst)
    def pipeline():
        step.ready.next = True
        valid_1.next = step.valid and step.ready
        sub_row.next = step.sub_row
        sub_col.next = step.sub_col
        slot_1.next = step.slot
        first_1.next = step.first
        valid_2.next = valid_1
        slot_2.next = slot_1
        first_2.next = first_1
        valid_3.next = valid_2
        slot_3.next = slot_2

    @always_seq(clk.posedge, rst)
    def hand_off():
        last_1.next = step.valid and step.ready and step.last
        last_2.next = last_1
        last_3.next = last_2
        buffer_1.next = step.buffer
        buffer_2.next = buffer_1
        buffer_3.next = buffer_2
        m_1.next = step.m
        m_2.next = m_1
        m_3.next = m_2
        n_1.next = step.n
        n_2.next = n_1
        n_3.next = n_2
        if last_3:
            result.valid.next = True
            result.buffer.next = buffer_3
            result.m.next = m_3
            result.n.next = n_3
        elif result.ready:
            result.valid.next = False

    a, b = [wire(WORD_BITS) for _ in range(rows)], [wire(WORD_BITS) for _ in range(cols)]
    a_scale, b_scale = [wire(8) for _ in range(rows)], [wire(8) for _ in range(cols)]
    operands = [
        [lane(a_words, a_scales, sub_row, a[i], a_scale[i], i, rows) for i in range(rows)],
        [lane(b_words, b_scales, sub_col, b[j], b_scale[j], j, cols) for j in range(cols)],
    ]
    values = [[wire(32) for _ in range(rows)] for _ in range(cols)]
    units = [
        dot_unit(clk, rst, a[i], b[j], a_scale[i], b_scale[j], slot_2, first_2, valid_3, slot_3, drain_read, drain_slot,
                 values[j][i], slots=slots)
        for i in range(rows)
        for j in range(cols)
    ]
    shown = [wire(32) for _ in range(cols)]
    columns = [show(values[j], drain_row, shown[j]) for j in range(cols)]
    joined = ConcatSignal(*reversed(shown))

    @always_comb
    def widen():
        drain_values.next = joined

    return pipeline, hand_off, operands, units, columns, widen


@block
def lane(words, scales, subtile, word, scale, index, lanes):
    """The operand word of row (or column) `index` of the array, and its scale among those of 16 rows."""
    own = words(WORD_BITS * (index + 1), WORD_BITS * index)

    @always_comb
    def pick():
        word.next = own

    @always_comb
    def pick_scale():
        scale.next = int((scales >> (8 * (int(subtile) * lanes + index))) & 0xFF)

    return pick, pick_scale


@block
def show(column, row, value):
    """The accumulator of one row of a column of dot units."""

    @always_comb
    def select():
        value.next = column[int(row)]

    return select

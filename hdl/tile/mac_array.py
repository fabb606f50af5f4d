"""The array: rows x cols dot units that share their operands. Chapter: the array and its utilisation.

             b word 0   b word 1   ...          one word = 128 bits of a row: 32, 16 or 8 elements
    a word 0  unit 0,0   unit 0,1               row i of a sub-tile meets column j in unit i,j
    a word 1  unit 1,0   unit 1,1               a step feeds every unit a word of each
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import Stream, wire
from hdl.tile.dot_unit import dot_unit
from hdl.tile.mma_issue import step_stream
from zhenwu.spec.isa import STEP_ROWS
from zhenwu.spec.mma_formats import WORD_BITS

RESULT_BITS = 11


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
              result, *, rows, cols, formats, latency, timing_only=False):
    """Accumulate every step in all dot units at once.

    step               : stream of steps, ready from the second cycle after reset on: the pipeline never stalls
    a_words, b_words   : rows x 128 and cols x 128 bits in, the scratchpad's answer one cycle after the step
    a_scales, b_scales : 128 bits in, the scales of 16 rows, likewise
    drain_read         : 1 bit in, read now
    drain_slot         : in, the accumulator read in every dot unit
    drain_row          : in, the row of dot units that `drain_values` shows, at once
    drain_values       : cols x 32 bits out, column 0 lowest, what was read last
    result             : stream of finished results, 3 + `latency` cycles after the step marked `last`; its sink must
                         have room for two, one per accumulator buffer (`mma_issue` lets no more come)
    formats, latency   : as in `dot_unit`
    timing_only        : leave the dot units out: every result is 0, at its time

    A step a cycle. The accumulator of a step stands 3 + `latency` cycles after it.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    slots = 2 * sub_rows * sub_cols

    # Control goes along: the words are read, the sum is held, then comes the addition
    slot_bits = (slots - 1).bit_length()
    sub_row, sub_col = wire(4), wire(4)
    valid, fmt, upper = wire(1), wire(2), wire(1)
    closing, fetched, added = wire(slot_bits + 1), wire(slot_bits + 1), wire(slot_bits + 1)  # closes, slot
    ending, ended = wire(RESULT_BITS + 1), wire(RESULT_BITS + 1)  # last, buffer, m, n
    first_now, first = wire(1), wire(1)
    fetch_slot, add_slot, accumulate = fetched(slot_bits, 0), added(slot_bits, 0), added(slot_bits)
    last, buffer, m, n = ended(11), ended(10), ended(10, 5), ended(5, 0)

    @always_comb
    def gather():
        moved = 0
        moved = int(step.valid and step.ready)
        closing.next = ((moved & int(step.closes)) << slot_bits) | int(step.slot)
        ending.next = (
            ((moved & int(step.last)) << 11) | (int(step.buffer) << 10) | (int(step.m) << 5) | int(step.n)
        )

    to_fetch = delay(clk, rst, closing, fetched, cycles=2)
    to_add = delay(clk, rst, fetched, added, cycles=latency)
    to_result = delay(clk, rst, ending, ended, cycles=2 + latency)

    @always_seq(clk.posedge, rst)
    def pipeline():
        step.ready.next = True
        valid.next = step.valid and step.ready
        sub_row.next = step.sub_row
        sub_col.next = step.sub_col
        fmt.next = step.fmt
        upper.next = step.upper
        first_now.next = step.first
        first.next = first_now

    @always_seq(clk.posedge, rst)
    def hand_off():
        if last:
            result.valid.next = True
            result.buffer.next = buffer
            result.m.next = m
            result.n.next = n
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
        dot_unit(clk, rst, valid, a[i], b[j], a_scale[i], b_scale[j], fmt, upper, fetch_slot, first, accumulate,
                 add_slot, drain_read, drain_slot, values[j][i], slots=slots, formats=formats, latency=latency)
        for i in range(rows)
        for j in range(cols)
        if not timing_only
    ]
    shown = [wire(32) for _ in range(cols)]
    columns = [show(values[j], drain_row, shown[j]) for j in range(cols)]
    joined = ConcatSignal(*reversed(shown))

    @always_comb
    def widen():
        drain_values.next = joined

    return gather, to_fetch, to_add, to_result, pipeline, hand_off, operands, units, columns, widen


@block
def delay(clk, rst, src, dst, *, cycles):
    """dst is what src was `cycles` cycles before."""
    between = [wire(len(src)) for _ in range(max(cycles - 1, 1))]

    if cycles == 1:

        @always_seq(clk.posedge, rst)
        def hold():
            dst.next = src

        return hold

    @always_seq(clk.posedge, rst)
    def shift():
        between[0].next = src
        for i in range(1, cycles - 1):
            between[i].next = between[i - 1]
        dst.next = between[cycles - 2]

    return shift


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

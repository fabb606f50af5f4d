"""Walk an mma instruction: one pass over a group of one sub-tile a cycle. Chapter: the array and its utilisation.

    groups of k ── sub-tile rows ── sub-tile columns ── passes of the group, innermost

A sub-tile must not recur before its last sum stands in the accumulator, `latency` cycles after it was fetched. Where a
ragged edge leaves fewer sub-tiles than that in flight, the walk pauses behind each group.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import Stream, wire
from hdl.tile.fields import cut, instruction_stream
from hdl.tile.operand_banks import bank_depth
from hdl.tile.scratchpad import FLAGS
from zhenwu.spec.isa import INSTRUCTION_BITS, STEP_ROWS, MmaFields
from zhenwu.spec.mma_formats import MXFP8_MMA, STEP_WORDS, W4A8_MMA

MXFP8 = MXFP8_MMA.code
W4A8 = W4A8_MMA.code
OPERAND_FLAGS = 4  # an mma frees halves of A and B


def step_stream(*, rows: int, cols: int, half_steps: int) -> Stream:
    """One pass over a group of one sub-tile: where its operands lie, which accumulator takes it, how it goes on."""
    scale_words = 2 * half_steps * STEP_WORDS
    slots = 2 * (STEP_ROWS // rows) * (STEP_ROWS // cols)
    return Stream(
        a_address=(bank_depth(rows, half_steps) - 1).bit_length(),
        b_address=(bank_depth(cols, half_steps) - 1).bit_length(),
        a_scale_address=(scale_words - 1).bit_length(),
        b_scale_address=(scale_words - 1).bit_length(),
        sub_row=4,
        sub_col=4,
        slot=(slots - 1).bit_length(),
        fmt=2,
        upper=1,
        closes=1,
        first=1,
        last=1,
        buffer=1,
        m=5,
        n=5,
    )


def ports(*, rows: int, cols: int, half_steps: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "instr": instruction_stream(),
        "full": wire(FLAGS),
        "free": wire(OPERAND_FLAGS),
        "freed": wire(2),
        "step": step_stream(rows=rows, cols=cols, half_steps=half_steps),
        "mma_done": wire(1),
        "blocked": wire(1),
    }


@block
def mma_issue(clk, rst, instr, full, free, freed, step, mma_done, blocked, *, rows, cols, half_steps, latency):
    """Turn each mma into its steps: groups of k outermost, then sub-tile rows, sub-tile columns, passes.

    instr    : stream of mma words; one is taken when both its halves are full and its accumulators are free
    full     : 6 bits in, the scratchpad's full flags
    free     : 4 bits out, for one cycle: the halves whose last user this mma was
    freed    : 2 bits in, for one cycle: the accumulator buffer that has been drained
    step     : stream of steps; `upper` is the second pass over a group, `closes` the last one, `last` marks the step
               that completes a result
    mma_done : 1 bit out, for one cycle, with the last step of an mma
    blocked  : 1 bit out: no step is offered though operands are there: the array waits for accumulators, or begins
    latency  : cycles from a fetch of an accumulator to its sum, at most the sub-tiles of a step

    A step a cycle, and behind a group of fewer than `latency` steps a pause for the rest, unless it completes a
    result. Sub-tiles that lie wholly outside m x n are skipped. Accumulators are double-buffered: the
    next result may gather while the last one drains. The next mma follows without a gap, unless the last one
    freed a half. The sequencer refuses words that would leave the scratchpad.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    row_shift, col_shift = rows.bit_length() - 1, cols.bit_length() - 1
    subtiles = sub_rows * sub_cols
    assert 1 <= latency <= subtiles, (
        f"latency = {latency}: expected 1 .. {subtiles}, the sub-tiles in flight on {rows} x {cols}"
    )
    pause_bits = max(2, (latency - 1).bit_length())  # of latency - 1, behind a group of one step; `rest` meets a 1

    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    a_half, b_half = cut(word, MmaFields.a_half), cut(word, MmaFields.b_half)
    first, last = cut(word, MmaFields.first), cut(word, MmaFields.last)
    release_a, release_b = cut(word, MmaFields.release_a), cut(word, MmaFields.release_b)
    m, n, fmt = cut(word, MmaFields.m), cut(word, MmaFields.n), cut(word, MmaFields.fmt)
    k_groups = cut(word, MmaFields.k_groups)
    a_step, b_step = cut(word, MmaFields.a_step), cut(word, MmaFields.b_step)

    # The mma at work
    groups_left = wire(9)  # after the current one
    last_row, last_col = wire(4), wire(4)  # of the sub-tiles that matter
    a_word, b_word = wire(len(step.a_address)), wire(len(step.b_address))  # the group's first, of sub-tile 0
    a_twice, b_twice = wire(1), wire(1)  # A's and B's group has two words
    pause = wire(pause_bits)  # behind each group
    makes_result = wire(1)
    frees = wire(OPERAND_FLAGS)
    at_work = wire(1)
    rest = wire(pause_bits)  # cycles of a pause still to come
    # The accumulators
    buffer = wire(1)  # which one the current or next mma uses
    waiting = wire(2)  # handed off, not drained yet

    closing = wire(1)  # the offered step is its group's last
    ending = wire(1)  # and the mma's
    take = wire(1)

    @always_comb
    def finish():
        closes = False
        closes_group = False
        closes = step.upper or not a_twice
        closes_group = closes and step.sub_row == last_row and step.sub_col == last_col
        step.closes.next = closes
        closing.next = closes_group
        ending.next = closes_group and groups_left == 0

    @always_comb
    def accept():
        ready = False
        next_buffer = 0
        operands = 0
        ready = not at_work and rest <= 1
        next_buffer = int(buffer)
        if step.valid:
            # only behind an ending mma that frees nothing: the flags would still show the old load
            ready = step.ready and ending and frees == 0 and (pause == 0 or makes_result)
            if makes_result:
                next_buffer = 1 - next_buffer
        operands = ((int(full) >> int(a_half)) & (int(full) >> (2 + int(b_half)))) & 1
        if operands == 0:
            ready = False
        if ((int(waiting) >> next_buffer) & 1) == 1:
            ready = False
        instr.ready.next = ready
        take.next = ready and instr.valid
        blocked.next = not step.valid and (at_work or (instr.valid and operands == 1))

    @always_comb
    def report():
        mma_done.next = step.valid and step.ready and ending
        if step.valid and step.ready and ending:
            free.next = frees
        else:
            free.next = 0
        step.last.next = ending and makes_result

    @always_comb
    def locate():
        a_place = 0
        b_place = 0
        a_place = int(a_word) + int(step.sub_row)
        if step.upper and a_twice:
            a_place = a_place + sub_rows
        b_place = int(b_word) + int(step.sub_col)
        if step.upper and b_twice:
            b_place = b_place + sub_cols
        step.a_address.next = a_place
        step.b_address.next = b_place
        step.slot.next = int(step.buffer) * subtiles + int(step.sub_row) * sub_cols + int(step.sub_col)

    @always_seq(clk.posedge, rst)
    def walk():
        if step.valid and step.ready:
            if not step.closes:
                step.upper.next = True
            else:
                step.upper.next = False
                if step.sub_col != last_col:
                    step.sub_col.next = step.sub_col + 1
                else:
                    step.sub_col.next = 0
                    if step.sub_row != last_row:
                        step.sub_row.next = step.sub_row + 1
                    else:
                        step.sub_row.next = 0
            if closing and not ending:
                groups_left.next = groups_left - 1
                step.first.next = False
                a_word.next = a_word + sub_rows
                b_word.next = b_word + sub_cols
                if a_twice:
                    a_word.next = a_word + 2 * sub_rows
                if b_twice:
                    b_word.next = b_word + 2 * sub_cols
                step.a_scale_address.next = step.a_scale_address + 1
                step.b_scale_address.next = step.b_scale_address + 1
        if take:
            groups_left.next = k_groups - 1
            last_row.next = (int(m) - 1) >> row_shift
            last_col.next = (int(n) - 1) >> col_shift
            step.first.next = first
            step.fmt.next = fmt
            step.m.next = m
            step.n.next = n
            a_twice.next = fmt == MXFP8 or fmt == W4A8
            b_twice.next = fmt == MXFP8
            a_word.next = (int(a_half) * half_steps + int(a_step)) * (STEP_WORDS * sub_rows)
            b_word.next = (int(b_half) * half_steps + int(b_step)) * (STEP_WORDS * sub_cols)
            # MXFP8 has a block in a step, MXFP4 two
            if fmt == MXFP8 or fmt == W4A8:
                step.a_scale_address.next = int(a_half) * (half_steps * STEP_WORDS) + int(a_step)
            else:
                step.a_scale_address.next = (int(a_half) * half_steps + int(a_step)) * STEP_WORDS
            if fmt == MXFP8:
                step.b_scale_address.next = int(b_half) * (half_steps * STEP_WORDS) + int(b_step)
            else:
                step.b_scale_address.next = (int(b_half) * half_steps + int(b_step)) * STEP_WORDS

    @always_seq(clk.posedge, rst)
    def pace():
        down = 0
        across = 0
        group = 0  # its steps
        using = 0
        still_waiting = 0
        using = int(buffer)
        still_waiting = int(waiting) & (3 - int(freed))
        if rest != 0:
            rest.next = rest - 1
        if rest == 1 and at_work:
            step.valid.next = True
        if step.valid and step.ready and closing:
            if pause != 0:
                step.valid.next = False
                if not (ending and makes_result):
                    rest.next = pause
            if ending:
                step.valid.next = False
                at_work.next = False
                if makes_result:
                    still_waiting = still_waiting | (1 << using)
                    using = 1 - using
        if take:
            step.valid.next = True
            at_work.next = True
            rest.next = 0
            down = int(m)
            across = int(n)
            group = ((down + rows - 1) >> row_shift) * ((across + cols - 1) >> col_shift)
            if fmt == MXFP8 or fmt == W4A8:
                group = 2 * group
            if group < latency:
                pause.next = latency - group
            else:
                pause.next = 0
            makes_result.next = last
            frees.next = (int(release_a) << int(a_half)) | (int(release_b) << (2 + int(b_half)))
            step.buffer.next = using
        buffer.next = using
        waiting.next = still_waiting

    return look, finish, accept, report, locate, walk, pace

"""Walk an mma instruction: one block of one sub-tile a cycle. Chapter: the array and its utilisation."""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import Stream, wire
from hdl.tile.fields import cut, instruction_stream
from hdl.tile.operand_banks import bank_depth
from hdl.tile.scratchpad import FLAGS
from zhenwu.spec.isa import INSTRUCTION_BITS, STEP_BLOCKS, STEP_ROWS, MmaFields


def step_stream(*, rows: int, cols: int, half_steps: int) -> Stream:
    """One block of one sub-tile: where its operands lie, which accumulator takes it, how the result leaves."""
    scale_words = 2 * half_steps * STEP_BLOCKS
    slots = 2 * (STEP_ROWS // rows) * (STEP_ROWS // cols)
    return Stream(
        a_address=(bank_depth(rows, half_steps) - 1).bit_length(),
        b_address=(bank_depth(cols, half_steps) - 1).bit_length(),
        a_scale_address=(scale_words - 1).bit_length(),
        b_scale_address=(scale_words - 1).bit_length(),
        sub_row=4,
        sub_col=4,
        slot=(slots - 1).bit_length(),
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
        "free": wire(FLAGS),
        "freed": wire(2),
        "step": step_stream(rows=rows, cols=cols, half_steps=half_steps),
        "mma_done": wire(1),
    }


@block
def mma_issue(clk, rst, instr, full, free, freed, step, mma_done, *, rows, cols, half_steps):
    """Turn each mma into its steps: k-block outermost, then sub-tile rows, then sub-tile columns.

    instr    : stream of mma words; one is taken when both its halves are full and its accumulators are free
    full     : 4 bits in, the scratchpad's full flags
    free     : 4 bits out, for one cycle: the halves whose last user this mma was
    freed    : 2 bits in, for one cycle: the accumulator buffer that has been drained
    step     : stream of steps; `last` marks the step that completes a result
    mma_done : 1 bit out, for one cycle, with the last step of an mma

    A step a cycle. Sub-tiles that lie wholly outside m x n are skipped. Accumulators are double-buffered: the
    next result may gather while the last one drains. The next mma follows without a gap, unless the last one
    freed a half. The sequencer refuses words that would leave the scratchpad.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    row_shift, col_shift = rows.bit_length() - 1, cols.bit_length() - 1
    subtiles = sub_rows * sub_cols

    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    a_half, b_half = cut(word, MmaFields.a_half), cut(word, MmaFields.b_half)
    first, last = cut(word, MmaFields.first), cut(word, MmaFields.last)
    release_a, release_b = cut(word, MmaFields.release_a), cut(word, MmaFields.release_b)
    m, n = cut(word, MmaFields.m), cut(word, MmaFields.n)
    k_blocks = cut(word, MmaFields.k_blocks)
    a_step, b_step = cut(word, MmaFields.a_step), cut(word, MmaFields.b_step)

    # The mma at work
    blocks_left = wire(9)  # after the current one
    last_row, last_col = wire(4), wire(4)  # of the sub-tiles that matter
    makes_result = wire(1)
    frees = wire(FLAGS)
    # The accumulators
    buffer = wire(1)  # which one the current or next mma uses
    waiting = wire(2)  # handed off, not drained yet

    ending = wire(1)  # the offered step is the mma's last
    take = wire(1)

    @always_comb
    def finish():
        ending.next = blocks_left == 0 and step.sub_row == last_row and step.sub_col == last_col

    @always_comb
    def accept():
        ready = False
        next_buffer = 0
        ready = True
        next_buffer = int(buffer)
        if step.valid:
            # only behind an ending mma that frees nothing: the flags would still show the old load
            ready = step.ready and ending and frees == 0
            if makes_result:
                next_buffer = 1 - next_buffer
        if ((int(full) >> int(a_half)) & 1) == 0 or ((int(full) >> (2 + int(b_half))) & 1) == 0:
            ready = False
        if ((int(waiting) >> next_buffer) & 1) == 1:
            ready = False
        instr.ready.next = ready
        take.next = ready and instr.valid

    @always_comb
    def report():
        mma_done.next = step.valid and step.ready and ending
        if step.valid and step.ready and ending:
            free.next = frees
        else:
            free.next = 0
        step.last.next = ending and makes_result

    @always_seq(clk.posedge, rst)
    def walk():
        using = 0
        still_waiting = 0
        using = int(buffer)
        still_waiting = int(waiting) & (3 - int(freed))
        if step.valid and step.ready:
            if ending:
                step.valid.next = False
                if makes_result:
                    still_waiting = still_waiting | (1 << using)
                    using = 1 - using
            elif step.sub_col != last_col:
                step.sub_col.next = step.sub_col + 1
                step.b_address.next = step.b_address + 1
                step.slot.next = step.slot + 1
            else:
                step.sub_col.next = 0
                if step.sub_row != last_row:
                    step.sub_row.next = step.sub_row + 1
                    step.a_address.next = step.a_address + 1
                    step.b_address.next = step.b_address - step.sub_col
                    step.slot.next = step.slot - step.sub_col + sub_cols
                else:
                    step.sub_row.next = 0
                    step.a_address.next = step.a_address - step.sub_row + sub_rows
                    step.b_address.next = step.b_address - step.sub_col + sub_cols
                    step.a_scale_address.next = step.a_scale_address + 1
                    step.b_scale_address.next = step.b_scale_address + 1
                    step.slot.next = using * subtiles
                    step.first.next = False
                    blocks_left.next = blocks_left - 1
        if take:
            step.valid.next = True
            step.sub_row.next = 0
            step.sub_col.next = 0
            step.a_address.next = (int(a_half) * half_steps + int(a_step)) * STEP_BLOCKS * sub_rows
            step.b_address.next = (int(b_half) * half_steps + int(b_step)) * STEP_BLOCKS * sub_cols
            step.a_scale_address.next = (int(a_half) * half_steps + int(a_step)) * STEP_BLOCKS
            step.b_scale_address.next = (int(b_half) * half_steps + int(b_step)) * STEP_BLOCKS
            step.slot.next = using * subtiles
            step.first.next = first
            step.buffer.next = using
            step.m.next = m
            step.n.next = n
            blocks_left.next = k_blocks - 1
            last_row.next = (int(m) - 1) >> row_shift
            last_col.next = (int(n) - 1) >> col_shift
            makes_result.next = last
            frees.next = (int(release_a) << int(a_half)) | (int(release_b) << (2 + int(b_half)))
        buffer.next = using
        waiting.next = still_waiting

    return look, finish, accept, report, walk

"""The scratchpad: both operands' banks, the residual's buffer, and the flags of their halves.

Chapter: the sequencer and the tile mover.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import LINE_BITS, Stream, wire
from hdl.tile.operand_banks import bank_depth, line_stream, operand_banks
from hdl.tile.residual_buffer import ADDRESS_BITS as RESIDUAL_BITS
from hdl.tile.residual_buffer import line_stream as residual_stream
from hdl.tile.residual_buffer import residual_buffer
from zhenwu.spec.isa import RESIDUAL
from zhenwu.spec.mma_formats import STEP_WORDS, WORD_BITS

FLAGS = 6  # one per operand and half: A0 A1 B0 B1 R0 R1, flag operand * 2 + half; R is the residual
ALL_FLAGS = (1 << FLAGS) - 1


def load_line_stream() -> Stream:
    """A line on its way into the scratchpad; `last` marks the last line of a load."""
    return Stream(operand=2, half=1, step=8, row=4, scale=1, last=1, data=LINE_BITS)


def ports(*, rows: int, cols: int, half_steps: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "start": wire(1),
        "line": load_line_stream(),
        "reserve": wire(FLAGS),
        "free": wire(FLAGS),
        "reserved": wire(FLAGS),
        "full": wire(FLAGS),
        "a_address": Signal(intbv(0, min=0, max=bank_depth(rows, half_steps))),
        "a_scale_address": Signal(intbv(0, min=0, max=2 * half_steps * STEP_WORDS)),
        "b_address": Signal(intbv(0, min=0, max=bank_depth(cols, half_steps))),
        "b_scale_address": Signal(intbv(0, min=0, max=2 * half_steps * STEP_WORDS)),
        "a_words": wire(rows * WORD_BITS),
        "a_scales": wire(WORD_BITS),
        "b_words": wire(cols * WORD_BITS),
        "b_scales": wire(WORD_BITS),
        "residual_address": wire(RESIDUAL_BITS),
        "residual_line": wire(LINE_BITS),
    }


@block
def scratchpad(clk, rst, start, line, reserve, free, reserved, full, a_address, a_scale_address, b_address,
               b_scale_address, a_words, a_scales, b_words, b_scales, residual_address, residual_line, *, rows, cols,
               half_steps):
    """Hold two halves of each operand and of the residual, and say of each whether it is spoken for, and full.

    start    : 1 bit in, clears all flags (a new program)
    line     : stream of lines from the mover
    reserve  : 6 bits in, a load for this half begins: sets `reserved`
    free     : 6 bits in, the last user of this half is done: clears `reserved` and `full`
    reserved : 6 bits out
    full     : 6 bits out, set by the last line of a load
    residual_address, residual_line : as in `residual_buffer`
    other ports as in `operand_banks`, once for A (`rows` banks) and once for B (`cols` banks)

    Reads take 1 cycle; a line a cycle comes in. The mover must reserve a half before it fills it, and the array
    must read a half only while it is full, and not yet at the edge at which it sees the flag rise: the second word of
    the last line is written there.
    """
    a_line, b_line, r_line = line_stream(), line_stream(), residual_stream()
    a_banks = operand_banks(clk, rst, a_line, a_address, a_scale_address, a_words, a_scales,
                            banks=rows, half_steps=half_steps)
    b_banks = operand_banks(clk, rst, b_line, b_address, b_scale_address, b_words, b_scales,
                            banks=cols, half_steps=half_steps)
    r_buffer = residual_buffer(clk, r_line, residual_address, residual_line)

    @always_comb
    def steer():
        a_line.valid.next = line.valid and line.operand == 0
        b_line.valid.next = line.valid and line.operand == 1
        r_line.valid.next = line.valid and line.operand == RESIDUAL

    @always_comb
    def answer():
        if line.operand == 0:
            line.ready.next = a_line.ready
        elif line.operand == 1:
            line.ready.next = b_line.ready
        else:
            line.ready.next = True  # the residual's buffer takes a line as soon as it comes

    @always_comb
    def share():
        a_line.half.next = line.half
        a_line.step.next = line.step
        a_line.row.next = line.row
        a_line.scale.next = line.scale
        a_line.data.next = line.data
        b_line.half.next = line.half
        b_line.step.next = line.step
        b_line.row.next = line.row
        b_line.scale.next = line.scale
        b_line.data.next = line.data
        r_line.half.next = line.half
        r_line.step.next = line.step
        r_line.row.next = line.row
        r_line.data.next = line.data

    @always_seq(clk.posedge, rst)
    def flags():
        spoken_for = 0
        filled = 0
        spoken_for = (int(reserved) | int(reserve)) & (ALL_FLAGS - int(free))
        filled = int(full)
        if line.valid and line.ready and line.last:
            filled = filled | (1 << (int(line.operand) * 2 + int(line.half)))
        filled = filled & (ALL_FLAGS - int(free))
        if start:
            spoken_for = 0
            filled = 0
        reserved.next = spoken_for
        full.next = filled

    return a_banks, b_banks, r_buffer, steer, answer, share, flags

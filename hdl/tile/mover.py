"""The tile mover: loads become reads, the answers become lines of the scratchpad.

    row 0 .. 15 of a step, then, where scales have become due, a line of them; then the next step of the panel

MXFP4 has a line of scales (16 rows x 2 blocks) for each step, MXFP8 for each two steps and for a last one alone.
Chapter: the sequencer and the tile mover.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import ADDRESS_BITS, ID_BITS, LINE_BITS, Stream, command_stream, wire
from hdl.stream.fifo import fifo
from hdl.tile.fields import cut, instruction_stream
from hdl.tile.scratchpad import ALL_FLAGS, FLAGS, load_line_stream
from zhenwu.spec.isa import INSTRUCTION_BITS, STEP_ROWS, LoadFields
from zhenwu.spec.mma_formats import MXFP4_OPERAND, MXFP8_OPERAND

MXFP4 = MXFP4_OPERAND.code
MXFP8 = MXFP8_OPERAND.code


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "instr": instruction_stream(),
        "reserved": wire(FLAGS),
        "reserve": wire(FLAGS),
        "cmd": command_stream(),
        "rdata": Stream(data=LINE_BITS, id=ID_BITS, error=1),
        "line": load_line_stream(),
        "load_done": wire(1),
        "poison": wire(1),
        "poison_address": wire(ADDRESS_BITS),
    }


def read_stream() -> Stream:
    """A read under way: where it comes from and where in the scratchpad it goes."""
    return Stream(line_address=ADDRESS_BITS, operand=2, half=1, step=8, row=4, scale=1, last=1)


@block
def mover(clk, rst, instr, reserved, reserve, cmd, rdata, line, load_done, poison, poison_address, *, outstanding):
    """Fetch panels of 16 rows, step by step: the element lines of a step (rows fastest), then scales that are due.

    instr          : stream of load words; one is taken when its half is not reserved
    reserved       : 6 bits in, the scratchpad's flags
    reserve        : 6 bits out, for one cycle: this half is spoken for
    cmd, rdata     : streams to and from memory; reads with id 0, which return in order
    line           : stream of lines to the scratchpad
    load_done      : 1 bit out, for one cycle, with the last line of a load
    poison         : 1 bit out, for one cycle, with the line that came back marked: not after its load's load_done
    poison_address : out, its address
    outstanding    : reads under way at most

    A read a cycle; a line passes to the scratchpad in the cycle in which it comes. The next load's reads follow
    the last one's, before those have answered.
    """
    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    operand, half = cut(word, LoadFields.operand), cut(word, LoadFields.half)
    rows, k_steps = cut(word, LoadFields.rows), cut(word, LoadFields.k_steps)
    element_base, element_stride = cut(word, LoadFields.element_base), cut(word, LoadFields.element_stride)
    scale_base, scale_stride = cut(word, LoadFields.scale_base), cut(word, LoadFields.scale_stride)
    fmt = cut(word, LoadFields.fmt)

    # The load whose reads are being issued
    active = wire(1)
    rows_left = wire(12)  # of this panel and those after it
    steps = wire(8)
    stride, panel_scale_stride = wire(16), wire(16)
    k_step = wire(8)  # within the panel
    step = wire(8)  # within the half
    each_step, each_two = wire(1), wire(1)  # scales are due after each step, or each two
    panel_base = wire(ADDRESS_BITS)  # first line of the panel's first row
    panel_scale_base = wire(ADDRESS_BITS)
    address = wire(ADDRESS_BITS)  # of the row at hand
    scales_due, step_done = wire(1), wire(1)  # behind the rows at hand; with the read at hand
    ending = wire(1)  # the read at hand is the load's last

    read, answer = read_stream(), read_stream()
    waiting = fifo(clk, rst, read, answer, depth=outstanding)
    take, issue = wire(1), wire(1)

    @always_comb
    def accept():
        flag = 0
        flag = int(operand) * 2 + int(half)
        instr.ready.next = not active and ((int(reserved) >> flag) & 1) == 0
        take.next = instr.valid and not active and ((int(reserved) >> flag) & 1) == 0
        reserve.next = 0
        if instr.valid and not active and ((int(reserved) >> flag) & 1) == 0:
            reserve.next = (1 << flag) & ALL_FLAGS  # between two deltas `operand` may still be what an idle stream had

    @always_comb
    def offer():
        cmd.valid.next = active and read.ready
        issue.next = active and read.ready and cmd.ready
        read.valid.next = active and cmd.ready
        cmd.write.next = False
        cmd.id.next = 0

    @always_comb
    def locate():
        closes_k = False
        closes_panel = False
        due = False
        done = False
        closes_k = k_step == steps - 1
        closes_panel = read.row == STEP_ROWS - 1 or read.row == rows_left - 1
        due = each_step or (each_two and ((int(k_step) & 1) == 1 or closes_k))
        done = read.scale or (closes_panel and not due)
        scales_due.next = closes_panel and due and not read.scale
        step_done.next = done
        ending.next = done and closes_k and rows_left <= STEP_ROWS

    @always_comb
    def describe():
        line_of_scales = 0
        line_of_scales = int(k_step)
        if each_two:
            line_of_scales = int(k_step) >> 1
        read.last.next = ending
        if read.scale:
            cmd.line_address.next = (int(panel_scale_base) + line_of_scales) % 2**ADDRESS_BITS
            read.line_address.next = (int(panel_scale_base) + line_of_scales) % 2**ADDRESS_BITS
        else:
            cmd.line_address.next = address
            read.line_address.next = address
        if not read.scale:
            read.step.next = step
        elif each_two:
            read.step.next = int(step) - (int(k_step) & 1)  # a block a step, and a line begins at an even one of k
        else:
            read.step.next = (2 * int(step)) % 256

    @always_seq(clk.posedge, rst)
    def walk():
        if issue:
            if scales_due:
                read.scale.next = True
                read.row.next = 0
            elif not step_done:
                read.row.next = read.row + 1
                address.next = (int(address) + int(stride)) % 2**ADDRESS_BITS
            else:
                read.scale.next = False
                read.row.next = 0
                step.next = (int(step) + 1) % 256
                if k_step != steps - 1:
                    k_step.next = k_step + 1
                    address.next = (int(panel_base) + int(k_step) + 1) % 2**ADDRESS_BITS
                else:
                    k_step.next = 0
                    panel_base.next = (int(panel_base) + int(stride) * STEP_ROWS) % 2**ADDRESS_BITS
                    address.next = (int(panel_base) + int(stride) * STEP_ROWS) % 2**ADDRESS_BITS
                    panel_scale_base.next = (int(panel_scale_base) + int(panel_scale_stride)) % 2**ADDRESS_BITS
                    if ending:
                        active.next = False
                    else:
                        rows_left.next = rows_left - STEP_ROWS
        if take:
            active.next = True
            read.operand.next = operand
            read.half.next = half
            read.row.next = 0
            read.scale.next = False
            step.next = 0
            k_step.next = 0
            each_step.next = fmt == MXFP4
            each_two.next = fmt == MXFP8
            rows_left.next = rows
            steps.next = k_steps
            stride.next = element_stride
            panel_scale_stride.next = scale_stride
            panel_base.next = element_base
            address.next = element_base
            panel_scale_base.next = scale_base

    @always_comb
    def answer_flow():
        line.valid.next = rdata.valid and answer.valid
        answer.ready.next = rdata.valid and line.ready
        rdata.ready.next = line.ready and answer.valid
        load_done.next = rdata.valid and answer.valid and line.ready and answer.last

    @always_comb
    def answer_place():
        line.operand.next = answer.operand
        line.half.next = answer.half
        line.step.next = answer.step
        line.row.next = answer.row
        line.scale.next = answer.scale
        line.last.next = answer.last
        line.data.next = rdata.data

    @always_comb
    def watch():
        poison.next = rdata.valid and answer.valid and line.ready and rdata.error
        poison_address.next = answer.line_address

    return look, waiting, accept, offer, locate, describe, walk, answer_flow, answer_place, watch

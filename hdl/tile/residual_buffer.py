"""What stores add to their results: two halves of 16 rows x 64 float32. Chapter: the sequencer and the tile mover."""

from myhdl import Signal, always, always_comb, block

from hdl.bundle import LINE_BITS, Stream, wire
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS

HALF_LINES = STEP_ROWS * RESIDUAL_STEPS
ADDRESS_BITS = 8  # (half * 16 + row) * 8 + line: a line of 8 float32


def line_stream() -> Stream:
    """A line on its way into the buffer."""
    return Stream(half=1, step=8, row=4, data=LINE_BITS)


def ports() -> dict:
    """Fresh ports."""
    return {"clk": Signal(bool(0)), "line": line_stream(), "address": wire(ADDRESS_BITS), "words": wire(LINE_BITS)}


@block
def residual_buffer(clk, line, address, words):
    """Take lines of loads in at one a cycle, give one a cycle.

    line    : stream of lines, taken as soon as they come: `step` is a line of its row, 0 .. 7
    address : 8 bits in, the line to read
    words   : 256 bits out, that line, one cycle after `address`

    A memory of 256 lines with one write and one read port: no reset. A read at the edge at which its line is written
    gives the old one; the flags of the scratchpad prevent it.
    """
    memory = [wire(LINE_BITS) for _ in range(2 * HALF_LINES)]

    @always_comb
    def handshake():
        line.ready.next = line.valid

    @always(clk.posedge)
    def write():
        place = 0
        if line.valid:
            place = int(line.half) * HALF_LINES + int(line.row) * RESIDUAL_STEPS + int(line.step) % RESIDUAL_STEPS
            memory[place].next = line.data

    @always(clk.posedge)
    def read():
        words.next = memory[int(address)]

    return handshake, write, read

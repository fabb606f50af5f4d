"""When a stream's sink hesitates: single cycles, none at all, and long bursts, in turn. Chapter: down to Verilog."""

from myhdl import always_seq, block

from hdl.bundle import wire

SPICE_BITS = 10  # of a draw that one pattern takes
LENGTH_BITS = 7
FLOWS = (0, 1, 3, 7, 15, 31, 127, 127)  # masks of a stretch's length less one
STALLS = (0, 0, 0, 1, 1, 3, 15, 127)


@block
def stall_pattern(clk, rst, draw, stalled, *, lsb):
    """Stretches of flow and of standstill, each as long as a draw says.

    draw    : 31 bits in
    stalled : 1 bit out

    lsb     : the lowest of the 10 bits of `draw` that count
    """
    left = wire(LENGTH_BITS)  # cycles of the stretch after this one

    @always_seq(clk.posedge, rst)
    def alternate():
        spice = 0
        mask = 0
        spice = (int(draw) >> lsb) & ((1 << SPICE_BITS) - 1)
        if left != 0:
            left.next = left - 1
        elif stalled:
            stalled.next = False
            mask = FLOWS[spice >> LENGTH_BITS]
            left.next = spice & mask
        else:
            stalled.next = True
            mask = STALLS[spice >> LENGTH_BITS]
            left.next = spice & mask

    return alternate

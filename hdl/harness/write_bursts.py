"""The data of each WR, gathered from DQ: two halves of a line, and which line it is. Chapter: down to Verilog."""

from myhdl import always, always_seq, block

from hdl.bundle import ADDRESS_BITS, wire
from hdl.hbm.request_queue import index_wire


@block
def write_bursts(clk, rst, write, writing, place, landed, landed_place, half, other_half):
    """Sample DQ for every WR; its line has landed in the CK after the second half.

    write            : 128 bits in, DQ
    writing, place   : in, as `column_commands` gives them; there was a WR len(writing) CK ago when its last bit is high
    landed           : 1 bit out: a line has come
    landed_place     : 23 bits out, which
    half, other_half : 128 bits out, its halves

    Two WR must be 2 CK or more apart.
    """
    latency = len(writing) - 1
    under_way = latency // 2 + 2
    places = [wire(ADDRESS_BITS) for _ in range(under_way)]
    head, tail = index_wire(under_way), index_wire(under_way)

    @always(clk.posedge)
    def keep():
        if writing[0]:
            places[int(tail)].next = place

    @always_seq(clk.posedge, rst)
    def take():
        landed.next = writing[latency]
        if writing[0]:
            tail.next = (int(tail) + 1) % under_way
        if writing[latency - 1]:
            half.next = write
        if writing[latency]:
            other_half.next = write
            landed_place.next = places[int(head)]
            head.next = (int(head) + 1) % under_way

    return keep, take

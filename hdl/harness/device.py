"""The device behind the pins, small enough to be converted: as `zhenwu/cycle/hbm/device.py`, but for a few lines only.

    bus ──> open rows ──> place of the line ──> lines, or a hash ──> bursts under way ──> dq.read
                                                  ▲                       dq.write
                                                  └──────────────────────────┘

Chapter: down to Verilog.
"""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block

from hdl.bundle import ADDRESS_BITS, DQ_BITS, LINE_BITS, HbmCommandBus, HbmDataBus, wire
from hdl.harness.column_commands import column_commands
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.line_hash import line_hash
from hdl.harness.write_bursts import write_bursts
from hdl.hbm.address_map import WIDTHS
from hdl.hbm.request_queue import index_wire

ROWS = 4  # told apart by the content: two bits of the row
LINES = ROWS << sum(width for name, width in WIDTHS.items() if name != "row")
NEVER_WRITTEN = 1 << DRAW_BITS - 1  # beside the address in what is hashed, so that it is not 0


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "wipe": wire(1),
        "bus": HbmCommandBus(),
        "dq": HbmDataBus(),
    }


@block
def device(clk, rst, wipe, bus, dq, *, read_latency, write_latency, lines=LINES):
    """Answer RD and take WR on DQ: RD in CK n drives it in n + read_latency and one more, WR samples it likewise.

    wipe : 1 bit in: no line is written any more; high with the first reset, since nothing else clears the content
    bus  : HbmCommandBus
    dq   : HbmDataBus; `read` is 0 outside bursts, `write` sampled whether `drive` is high or not

    read_latency, write_latency : CK to the first half of a line
    lines                       : a power of two; a line's place is its address modulo `lines`, the row being the
                                  highest field of all maps. Rows that differ only above it share their lines.

    A reset closes all banks and drops what is under way. A line never written reads as a hash of its address. It trusts
    its commands to be legal, above all RD to come 2 CK after RD and WR 2 CK after WR.
    """
    assert lines & lines - 1 == 0, f"lines = {lines}: expected a power of two"
    assert 3 <= read_latency < DRAW_BITS, f"read_latency = {read_latency}: expected 3 .. {DRAW_BITS - 1}"
    assert 1 <= write_latency < DRAW_BITS - 1, f"write_latency = {write_latency}: expected 1 .. {DRAW_BITS - 2}"
    reads_under_way = read_latency // 2 + 2

    place = wire(ADDRESS_BITS)  # the line that the last column command reached
    reading = wire(read_latency)  # bit k: there was an RD k + 1 CK ago
    writing = wire(write_latency + 1)
    value, unwritten = wire(DRAW_BITS), wire(LINE_BITS)

    first_half, second_half = ([wire(DQ_BITS) for _ in range(lines)] for _ in range(2))
    written = wire(lines)

    read_first, read_second = ([wire(DQ_BITS) for _ in range(reads_under_way)] for _ in range(2))
    read_head, read_tail = index_wire(reads_under_way), index_wire(reads_under_way)
    half, other_half = wire(DQ_BITS), wire(DQ_BITS)  # of the burst that came last
    landed, landed_place = wire(1), wire(ADDRESS_BITS)  # it goes into its line in this CK

    commands = column_commands(clk, rst, bus, place, reading, writing)
    bursts = write_bursts(clk, rst, dq.write, writing, place, landed, landed_place, half, other_half)

    @always_comb
    def name():
        value.next = int(place) + NEVER_WRITTEN

    hashing = line_hash(value, unwritten)

    @always(clk.posedge)
    def keep():
        index = 0
        index = int(place) & (lines - 1)
        if reading[0]:
            if written[index]:
                read_first[int(read_tail)].next = first_half[index]
                read_second[int(read_tail)].next = second_half[index]
            else:
                read_first[int(read_tail)].next = unwritten[DQ_BITS:]
                read_second[int(read_tail)].next = unwritten[:DQ_BITS]
        if landed:
            index = int(landed_place) & (lines - 1)
            first_half[index].next = half
            second_half[index].next = other_half
            written.next[index] = True
        if wipe:
            written.next = 0

    @always_seq(clk.posedge, rst)
    def read():
        if reading[0]:
            read_tail.next = (int(read_tail) + 1) % reads_under_way
        if reading[read_latency - 2]:
            dq.read.next = read_first[int(read_head)]
        elif reading[read_latency - 1]:
            dq.read.next = read_second[int(read_head)]
            read_head.next = (int(read_head) + 1) % reads_under_way
        else:
            dq.read.next = 0

    return commands, bursts, name, hashing, keep, read

"""The device behind the pins of a slice: `tile_content.py` with rows, latencies and DQ. Chapter: down to Verilog.

    bus ──> open rows ──> line address ─┬─> content ──> halves of lines ──> dq.read
                                        └─> addresses of writes ──┐
                                             content <────────── halves <── dq.write
"""

from myhdl import ConcatSignal, always, always_comb, always_seq, block

from hdl.bundle import ADDRESS_BITS, DQ_BITS, LINE_BITS, wire
from hdl.harness.column_commands import column_commands
from hdl.harness.tile_content import tile_content
from hdl.harness.write_bursts import write_bursts
from hdl.hbm.request_queue import index_wire


@block
def slice_device(clk, rst, wipe, bus, dq, *, read_latency, write_latency):
    """Answer RD and take WR on DQ: RD in CK n drives it in n + read_latency and one more, WR samples it likewise.

    wipe : 1 bit in, forget all that was written
    bus  : HbmCommandBus
    dq   : HbmDataBus; `read` is 0 outside bursts, `write` sampled whether `drive` is high or not

    read_latency, write_latency : CK to the first half of a line

    A reset closes all banks and drops what is under way. It trusts its commands to be legal.
    """
    assert 4 <= read_latency < 31, f"read_latency = {read_latency}: expected 4 .. 30"
    assert 1 <= write_latency < 30, f"write_latency = {write_latency}: expected 1 .. 29"
    reads_under_way = read_latency // 2 + 2

    place = wire(ADDRESS_BITS)  # the line that the last column command reached
    reading = wire(read_latency)  # bit k: there was an RD k + 1 CK ago
    writing = wire(write_latency + 1)
    read, line = wire(1), wire(LINE_BITS)

    lines = [wire(LINE_BITS) for _ in range(reads_under_way)]
    read_head, read_tail = index_wire(reads_under_way), index_wire(reads_under_way)
    second = wire(DQ_BITS)  # half of the line on DQ

    half, other_half = wire(DQ_BITS), wire(DQ_BITS)  # of the burst that came last
    landed, landed_place = wire(1), wire(ADDRESS_BITS)  # it goes into its line in this CK
    burst = ConcatSignal(other_half, half)

    store = tile_content(clk, wipe, landed, landed_place, burst, read, place, line)

    commands = column_commands(clk, rst, bus, place, reading, writing)
    bursts = write_bursts(clk, rst, dq.write, writing, place, landed, landed_place, half, other_half)

    @always_comb
    def ask():
        read.next = reading[0]

    @always(clk.posedge)
    def keep():
        if reading[1]:
            lines[int(read_tail)].next = line

    @always_seq(clk.posedge, rst)
    def answer():
        if reading[1]:
            read_tail.next = (int(read_tail) + 1) % reads_under_way
        if reading[read_latency - 2]:
            dq.read.next = lines[int(read_head)][DQ_BITS:]
            second.next = lines[int(read_head)][LINE_BITS:DQ_BITS]
            read_head.next = (int(read_head) + 1) % reads_under_way
        elif reading[read_latency - 1]:
            dq.read.next = second
        else:
            dq.read.next = 0

    return store, commands, bursts, ask, keep, answer

"""A memory behind a MemoryPort that hesitates: what the tile meets in its harness. Chapter: down to Verilog.

    cmd ───> fifo ──> serve, in order ──> content ──> rdata
    wdata ─> fifo ──────^
"""

from myhdl import always_comb, always_seq, block

from hdl.bundle import LINE_BITS, Stream, command_stream, wire
from hdl.harness.stall_pattern import stall_pattern
from hdl.harness.tile_content import tile_content
from hdl.stream.fifo import fifo

CMD_DEPTH = 64  # as many as the mover has under way, so that it meets its limit
WDATA_DEPTH = 4
CMD_LSB, WDATA_LSB, SERVE_LSB = 0, 10, 20  # each pattern's bits of the draw
ERROR_BITS = 12  # a line in 2**12 comes back marked
ERROR = 0x5A5


@block
def tile_memory(clk, rst, wipe, draw, port):
    """Serve one command a cycle, in order, when it feels like it.

    wipe : 1 bit in, forget all that was written
    draw : 31 bits in, new every cycle
    port : MemoryPort; a write waits for its data and holds up what follows

    A line comes back 2 cycles after its command at the earliest. `rst` drops all that is under way; what was stored
    stays.
    """
    cmd_entry, cmd = command_stream(), command_stream()
    beat_entry, beat = Stream(data=LINE_BITS), Stream(data=LINE_BITS)
    cmd_stalled, wdata_stalled, serve_stalled = wire(1), wire(1), wire(1)
    write, read = wire(1), wire(1)
    data = wire(LINE_BITS)

    patterns = [
        stall_pattern(clk, rst, draw, cmd_stalled, lsb=CMD_LSB),
        stall_pattern(clk, rst, draw, wdata_stalled, lsb=WDATA_LSB),
        stall_pattern(clk, rst, draw, serve_stalled, lsb=SERVE_LSB),
    ]
    queues = [
        fifo(clk, rst, cmd_entry, cmd, depth=CMD_DEPTH),
        fifo(clk, rst, beat_entry, beat, depth=WDATA_DEPTH),
    ]
    lines = tile_content(clk, wipe, write, cmd.line_address, beat.data, read, cmd.line_address, data)

    @always_comb
    def enter():
        cmd_entry.valid.next = port.cmd.valid and not cmd_stalled
        port.cmd.ready.next = cmd_entry.ready and not cmd_stalled
        beat_entry.valid.next = port.wdata.valid and not wdata_stalled
        port.wdata.ready.next = beat_entry.ready and not wdata_stalled

    @always_comb
    def share():
        cmd_entry.write.next = port.cmd.write
        cmd_entry.line_address.next = port.cmd.line_address
        cmd_entry.id.next = port.cmd.id
        beat_entry.data.next = port.wdata.data
        port.rdata.data.next = data

    @always_comb
    def serve():
        writes = False
        reads = False
        writes = cmd.valid and cmd.write and beat.valid and not serve_stalled
        reads = (
            cmd.valid and not cmd.write and not serve_stalled and (port.rdata.ready or not port.rdata.valid)
        )
        cmd.ready.next = writes or reads
        beat.ready.next = writes
        write.next = writes and not rst
        read.next = reads and not rst

    @always_seq(clk.posedge, rst)
    def answer():
        if read:
            port.rdata.valid.next = True
            port.rdata.id.next = cmd.id
            port.rdata.error.next = (int(draw) & ((1 << ERROR_BITS) - 1)) == ERROR
        elif port.rdata.ready:
            port.rdata.valid.next = False

    return patterns, queues, lines, enter, share, serve, answer

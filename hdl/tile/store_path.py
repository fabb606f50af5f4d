"""Gather beats of results into lines and write them to memory. Chapter: the sequencer and the tile mover."""

from myhdl import ConcatSignal, ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import ADDRESS_BITS, LINE_BITS, Stream, command_stream, wire
from hdl.tile.fields import cut, instruction_stream
from zhenwu.spec.isa import INSTRUCTION_BITS, StoreFields

LINE_WORDS = LINE_BITS // 32  # float32 in a line


def ports(*, cols: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "instr": instruction_stream(),
        "src": Stream(data=cols * 32),
        "discard": wire(1),
        "suppress": wire(1),
        "cmd": command_stream(),
        "wdata": Stream(data=LINE_BITS),
        "store_done": wire(1),
    }


@block
def store_path(clk, rst, instr, src, discard, suppress, cmd, wdata, store_done, *, cols):
    """Write each m x n result as rows of whole lines, short lines padded with +0.

    instr      : stream of store words, one per result
    src        : stream of beats of `cols` float32, row-major
    discard    : 1 bit in, no store will come any more: swallow beats that none asks for
    suppress   : 1 bit in, the data are poisoned: gather but write nothing
    cmd, wdata : streams to memory, one command and one line each, id 0
    store_done : 1 bit out, for one cycle, when the last line of a store has been taken (or suppressed)

    A beat a cycle, so a line every 8 / cols cycles; a line leaves the cycle after its last beat.
    """
    beats = LINE_WORDS // cols  # of a full line
    col_shift = cols.bit_length() - 1

    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    m, n = cut(word, StoreFields.m), cut(word, StoreFields.n)
    base, stride = cut(word, StoreFields.base), cut(word, StoreFields.stride)

    # The store at work
    active = wire(1)
    rows_left = wire(5)  # after the current one
    last_beat = wire(4)  # of a row
    beat = wire(4)
    row_address = wire(ADDRESS_BITS)
    line_address = wire(ADDRESS_BITS)
    row_stride = wire(16)
    # The line that gathers, and the line on its way out
    chunks = [Signal(intbv(0)[cols * 32 :]) for _ in range(beats)]
    gathered = chunks[0] if beats == 1 else ConcatSignal(*reversed(chunks))
    complete = wire(1)
    complete_address = wire(ADDRESS_BITS)
    complete_last = wire(1)
    outgoing_last = wire(1)  # the line on its way out is its store's last
    outgoing = wire(1)

    out_free = wire(1)
    take = wire(1)

    @always_comb
    def handshake():
        out_free.next = (cmd.ready or not cmd.valid) and (wdata.ready or not wdata.valid)

    @always_comb
    def flow():
        src.ready.next = (active and (out_free or not complete)) or (discard and not active)
        take.next = src.valid and active and (out_free or not complete)
        instr.ready.next = not active

    @always_seq(clk.posedge, rst)
    def gather():
        chunk = 0
        chunk = int(beat) % beats
        if complete and out_free:
            complete.next = False
        if take:
            for i in range(beats):
                if i == chunk:
                    chunks[i].next = src.data
                elif chunk == 0:
                    chunks[i].next = 0
            complete_address.next = line_address
            complete_last.next = beat == last_beat and rows_left == 0
            if chunk == beats - 1 or beat == last_beat:
                complete.next = True
                line_address.next = (int(line_address) + 1) % 2**ADDRESS_BITS
            if beat != last_beat:
                beat.next = beat + 1
            else:
                beat.next = 0
                line_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS
                row_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS
                if rows_left == 0:
                    active.next = False
                else:
                    rows_left.next = rows_left - 1
        if instr.valid and not active:
            active.next = True
            rows_left.next = m - 1
            last_beat.next = (int(n) - 1) >> col_shift
            beat.next = 0
            row_address.next = base
            line_address.next = base
            row_stride.next = stride

    @always_seq(clk.posedge, rst)
    def send():
        cmd.write.next = True
        cmd.id.next = 0
        store_done.next = False
        if cmd.ready:
            cmd.valid.next = False
        if wdata.ready:
            wdata.valid.next = False
        if out_free and outgoing:
            outgoing.next = False
            store_done.next = outgoing_last
        if complete and out_free:
            outgoing.next = True
            outgoing_last.next = complete_last
            if not suppress:
                cmd.valid.next = True
                cmd.line_address.next = complete_address
                wdata.valid.next = True
                wdata.data.next = gathered

    return look, handshake, flow, gather, send

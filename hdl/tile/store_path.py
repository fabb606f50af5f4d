"""Results become lines in memory: float32, or quantised for the next layer. Chapter: the sequencer and the tile mover.

    src ─> + residual ─> [chunks] ─> line of 8 ─┬─ float32 ────────────────┬─> [cmd, wdata]
                                                └─> mx_lines ─ quantised ──┘
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import ADDRESS_BITS, LINE_BITS, Stream, command_stream, wire
from hdl.tile import residual_buffer
from hdl.tile.fields import cut, instruction_stream
from hdl.tile.mx_lines import LINE_FLOATS, PART_LINES, ROW_LINES, mx_lines, row_line_stream, write_stream
from hdl.tile.residual_add import residual_add
from zhenwu.spec.isa import INSTRUCTION_BITS, RESIDUAL_STEPS, STEP_ROWS, STORE_FORMATS, StoreFields

PLACES = 2 * residual_buffer.HALF_LINES  # of the residual
MXFP4 = STORE_FORMATS.index("mxfp4")


def ports(*, cols: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "instr": instruction_stream(),
        "src": Stream(data=cols * 32),
        "residual_full": wire(2),
        "residual_address": wire(residual_buffer.ADDRESS_BITS),
        "residual_line": wire(LINE_BITS),
        "residual_free": wire(2),
        "discard": wire(1),
        "suppress": wire(1),
        "cmd": command_stream(),
        "wdata": Stream(data=LINE_BITS),
        "store_done": wire(1),
    }


@block
def store_path(clk, rst, instr, src, residual_full, residual_address, residual_line, residual_free, discard, suppress,
               cmd, wdata, store_done, *, cols):
    """Write each m x n result as rows of whole lines, short lines padded with +0; or gather it and write it quantised.

    instr            : stream of store words, one per result
    src              : stream of beats of `cols` float32, row-major
    residual_full    : 2 bits in, this half of the residual buffer is loaded; a store that adds waits for its half
    residual_address : 8 bits out, the line of the residual to read
    residual_line    : 256 bits in, that line, one cycle later
    residual_free    : 2 bits out, with the last beat of a store that releases it: this half may be loaded again
    discard          : 1 bit in, no store will come any more: swallow beats that none asks for
    suppress         : 1 bit in, the data are poisoned: take everything but write nothing
    cmd, wdata       : streams to memory, one command and one line each, id 0
    store_done       : 1 bit out, for one cycle, when the last line of a store has been taken (or suppressed); of a part
                       that writes none, the last beat

    A beat a cycle, so a line every 8 / cols cycles; one of float32 leaves the cycle after its last beat, an MXFP8 row 6
    or, of 32 columns, 8 cycles after. A store is taken in the cycle after the last beat of the one before, and its own
    first beat in the next, whether it adds or not, unless its residual is late. A float32 store, and a part that ends a
    block, are not taken before all lines of the block before have left.
    """
    beats = LINE_FLOATS // cols  # of a full line
    col_shift = cols.bit_length() - 1

    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    fmt, part, closes = cut(word, StoreFields.fmt), cut(word, StoreFields.part), cut(word, StoreFields.closes)
    add, add_half = cut(word, StoreFields.add), cut(word, StoreFields.add_half)
    last_user = cut(word, StoreFields.release)
    m, n = cut(word, StoreFields.m), cut(word, StoreFields.n)
    base, stride = cut(word, StoreFields.base), cut(word, StoreFields.stride)

    # The store at work
    active = wire(1)
    waiting = wire(1)  # for its residual
    quantised, ends_block = wire(1), wire(1)
    silent = wire(1)  # it writes no line: its block or its MXFP4 line is completed by another
    adding, half, gives_back = wire(1), wire(1), wire(1)
    last_row = wire(4)
    last_beat = wire(4)  # of a row
    tail = wire(4)  # columns of a row's last beat
    row_stride = wire(16)
    # The beat on offer
    beat, chunk = wire(4), wire(2)  # of its row, of its line
    place = wire(residual_buffer.ADDRESS_BITS)  # of its residual
    row_address, line_address = wire(ADDRESS_BITS), wire(ADDRESS_BITS)
    kept = wire(4)  # columns that lie inside n
    ending = wire(1)  # it is its store's last
    room = wire(1)
    take = wire(1)
    # The line that has been gathered
    chunks = [Signal(intbv(0)[cols * 32 :]) for _ in range(beats)]
    gathered = chunks[0] if beats == 1 else ConcatSignal(*reversed(chunks))
    complete = wire(1)
    complete_float = wire(1)
    complete_address = wire(ADDRESS_BITS)
    complete_last = wire(1)  # of a store of float32
    leaves = wire(1)
    # The line on its way out
    outgoing, outgoing_last = wire(1), wire(1)
    out_free, sends = wire(1), wire(1)
    # Ends of stores
    written, held = wire(1), wire(1)  # all lines of one have been taken; all beats of one without
    owed = wire(1)  # both came at once: one is still to be reported

    stays = wire(1)  # the store on offer is a part whose block the next one completes
    block_word = instruction_stream()
    row_line, mx_line = row_line_stream(), write_stream()
    quantise = mx_lines(clk, rst, block_word, row_line, mx_line)

    values = wire(cols * 32)
    add_residual = residual_add(src.data, residual_line, chunk, adding, kept, values, cols=cols)

    @always_comb
    def accept():
        stays.next = fmt != 0 and part % 2 == 0 and closes == 0
        instr.ready.next = not active and (stays or block_word.ready)
        block_word.valid.next = instr.valid and not active and fmt != 0 and not stays
        block_word.word.next = word

    @always_comb
    def judge():
        ending.next = beat == last_beat and (int(place) // RESIDUAL_STEPS) % STEP_ROWS == last_row
        chunk.next = int(beat) % beats
        kept.next = cols
        if beat == last_beat:
            kept.next = tail

    @always_comb
    def flow():
        out_free.next = (cmd.ready or not cmd.valid) and (wdata.ready or not wdata.valid)
        row_line.valid.next = complete and not complete_float
        mx_line.ready.next = out_free  # no line of float32 is there then: its store waited for the block's last line
        leaves.next = complete and ((complete_float and out_free) or (not complete_float and row_line.ready))
        room.next = not complete or leaves
        sends.next = (complete and complete_float) or mx_line.valid

    @always_comb
    def handshake():
        take.next = src.valid and active and not waiting and room
        src.ready.next = (active and not waiting and room) or (discard and not active)

    @always_comb
    def report():
        residual_free.next = 0
        if take and ending and gives_back:
            residual_free.next = 1 + int(half)
        held.next = take and ending and silent
        written.next = out_free and outgoing and outgoing_last

    @always_comb
    def look_ahead():
        # The residual of the next cycle's beat: memory shows it with that beat.
        residual_address.next = place
        if instr.valid and instr.ready:
            residual_address.next = int(add_half) * residual_buffer.HALF_LINES + int(part) * PART_LINES
        elif take and beat == last_beat:
            residual_address.next = (int(place) - int(place) % PART_LINES + RESIDUAL_STEPS) % PLACES
        elif take and chunk == beats - 1:
            residual_address.next = (int(place) + 1) % PLACES

    @always_seq(clk.posedge, rst)
    def remember():
        if waiting:
            waiting.next = ((int(residual_full) >> half) & 1) == 0
        if take and ending:
            active.next = False
        if instr.valid and instr.ready:
            active.next = True
            waiting.next = add == 1 and ((int(residual_full) >> add_half) & 1) == 0
            quantised.next = fmt != 0
            ends_block.next = not stays
            silent.next = stays or (fmt == MXFP4 and part < 2 and closes == 0)
            adding.next = add
            half.next = add_half
            gives_back.next = last_user
            last_row.next = m - 1
            last_beat.next = (int(n) - 1) >> col_shift
            tail.next = ((int(n) - 1) & (cols - 1)) + 1
            row_stride.next = stride

    @always_seq(clk.posedge, rst)
    def walk():
        place.next = residual_address
        if take:
            if chunk == beats - 1:
                line_address.next = (int(line_address) + 1) % 2**ADDRESS_BITS
            beat.next = beat + 1
            if beat == last_beat:
                beat.next = 0
                line_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS
                row_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS
        if instr.valid and instr.ready:
            line_address.next = (int(base) + int(part) * PART_LINES) % 2**ADDRESS_BITS
            row_address.next = (int(base) + int(part) * PART_LINES) % 2**ADDRESS_BITS

    @always_seq(clk.posedge, rst)
    def gather():
        if leaves:
            complete.next = False
        if take:
            for i in range(beats):
                if i == chunk:
                    chunks[i].next = values
                elif chunk == 0:
                    chunks[i].next = 0
            complete.next = chunk == beats - 1 or beat == last_beat
            complete_float.next = not quantised
            complete_address.next = line_address
            complete_last.next = ending
            row_line.row.next = (int(place) // RESIDUAL_STEPS) % STEP_ROWS
            row_line.place.next = int(place) % ROW_LINES
            row_line.ends.next = ends_block

    @always_comb
    def hand_over():
        row_line.data.next = 0
        if not complete_float:
            row_line.data.next = gathered

    @always_seq(clk.posedge, rst)
    def send():
        cmd.write.next = True
        cmd.id.next = 0
        store_done.next = written or held or owed
        owed.next = (written and held) or (owed and (written or held))
        if cmd.ready:
            cmd.valid.next = False
        if wdata.ready:
            wdata.valid.next = False
        if out_free:
            outgoing.next = sends
        if out_free and sends:
            if complete and complete_float:
                outgoing_last.next = complete_last
                cmd.line_address.next = complete_address
                wdata.data.next = gathered
            else:
                outgoing_last.next = mx_line.last
                cmd.line_address.next = mx_line.line_address
                wdata.data.next = mx_line.data
            cmd.valid.next = not suppress
            wdata.valid.next = not suppress

    return (
        quantise, add_residual, look, accept, judge, flow, handshake, report, look_ahead,
        remember, walk, gather, hand_over, send,
    )


"""Read a finished result out of the accumulators, row by row. Chapter: the array and its utilisation."""

from myhdl import ConcatSignal, ResetSignal, Signal, always_comb, always_seq, block, intbv

from hdl.bundle import Stream, wire
from hdl.tile.mac_array import result_stream
from zhenwu.spec.isa import STEP_ROWS


def ports(*, rows: int, cols: int) -> dict:
    """Fresh ports."""
    slots = 2 * (STEP_ROWS // rows) * (STEP_ROWS // cols)
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "result": result_stream(),
        "read": wire(1),
        "slot": Signal(intbv(0, min=0, max=slots)),
        "row": Signal(intbv(0, min=0, max=rows)),
        "values": wire(cols * 32),
        "freed": wire(2),
        "dst": Stream(data=cols * 32),
    }


@block
def drain(clk, rst, result, read, slot, row, values, freed, dst, *, rows, cols):
    """Send an m x n result as beats of `cols` float32, row-major; columns beyond n are +0.

    result : stream of finished results
    read   : 1 bit out, read now
    slot   : out, the accumulator to read
    row    : out, the row of dot units whose last reading is wanted
    values : cols x 32 bits in, that reading
    freed  : 2 bits out, for one cycle: this accumulator buffer may be used again
    dst    : stream of beats, column 0 lowest

    A beat a cycle, ceil(n / cols) beats a row; the first beat follows its result by 3 cycles. A buffer is freed
    when its last beat is taken.
    """
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    subtiles = sub_rows * sub_cols

    # The beat being read
    active = wire(1)
    buffer = wire(1)
    at_row = wire(4)  # row of the result
    at_col = wire(4)  # sub-tile column
    last_row, last_col = wire(4), wire(4)
    n = wire(5)
    ending = wire(1)  # it is its result's last
    # The beat that has been read
    shown = wire(1)
    kept = wire(5)  # columns that lie inside n; beyond cols it does not matter
    shown_last, shown_buffer = wire(1), wire(1)
    # The beat on dst
    closing, closing_buffer = wire(1), wire(1)

    move = wire(1)  # the beat that has been read goes to dst

    lanes = [Signal(intbv(0)[32:]) for _ in range(cols)]
    gates = [gate(values, kept, lanes[c], c) for c in range(cols)]
    gated = ConcatSignal(*reversed(lanes))

    @always_comb
    def place():
        slot.next = int(buffer) * subtiles + (int(at_row) // rows) * sub_cols + int(at_col)
        ending.next = at_row == last_row and at_col == last_col

    @always_comb
    def handshake():
        move.next = shown and (dst.ready or not dst.valid)
        read.next = active and (not shown or dst.ready or not dst.valid)
        result.ready.next = not active or (
            ending and (not shown or dst.ready or not dst.valid)
        )

    @always_comb
    def give_back():
        freed.next = 0
        if dst.valid and dst.ready and closing:
            freed.next = 1 + int(closing_buffer)

    @always_seq(clk.posedge, rst)
    def send():
        if move:
            dst.valid.next = True
            dst.data.next = gated
            closing.next = shown_last
            closing_buffer.next = shown_buffer
        elif dst.ready:
            dst.valid.next = False

    @always_seq(clk.posedge, rst)
    def walk():
        columns_left = 0
        if read:
            columns_left = int(n) - int(at_col) * cols
            kept.next = columns_left
            shown.next = True
            row.next = int(at_row) % rows
            shown_last.next = ending
            shown_buffer.next = buffer
            if at_col != last_col:
                at_col.next = at_col + 1
            else:
                at_col.next = 0
                if at_row != last_row:
                    at_row.next = at_row + 1
            if ending:
                active.next = False
        elif move:
            shown.next = False
        if result.valid and (not active or (read and ending)):
            active.next = True
            buffer.next = result.buffer
            n.next = result.n
            at_row.next = 0
            at_col.next = 0
            last_row.next = result.m - 1
            last_col.next = (int(result.n) - 1) // cols

    return gates, place, handshake, give_back, send, walk


@block
def gate(values, kept, value, index):
    """One column of a beat, or +0 where it lies outside the result."""
    own = values(32 * (index + 1), 32 * index)

    @always_comb
    def keep():
        if index < kept:
            value.next = own
        else:
            value.next = 0

    return keep

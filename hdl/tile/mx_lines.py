"""Float32 rows become the lines of an MX operand. Chapter: the sequencer and the tile mover.

    src ─> [lines: 16 rows x 32 columns] ─> mx_quantise ─┬─ codes ────────────────────┬─> dst
                                                         ├─ block 0 of MXFP4: [lower] ┤
                                                         └─ [scales] ─────────────────┘

A block of 32 columns is two results wide, and a result comes row by row: the first one waits in `lines` until the
second one's rows complete it. MXFP4 has two blocks in a line of memory, so that the codes of block 0 wait as well.
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import ADDRESS_BITS, LINE_BITS, Stream, wire
from hdl.numerics.mx_quantise import mx_quantise
from hdl.tile.fields import cut, instruction_stream
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_BIAS
from zhenwu.spec.isa import INSTRUCTION_BITS, STEP_ROWS, STORE_FORMATS, StoreFields

LINE_FLOATS = LINE_BITS // 32  # float32 in a line
ROW_LINES = BLOCK_SIZE // LINE_FLOATS  # of float32 in a row of a block
PART_LINES = ROW_LINES // 2  # of which a whole result has two
SCALES = LINE_BITS // 8  # of 16 rows x 2 blocks
UNIT_SCALE = E8M0_BIAS  # the scale byte of 1.0, which padding gets
MXFP8 = STORE_FORMATS.index("mxfp8")


def row_line_stream() -> Stream:
    """A line of float32: a quarter of a row of a block; `ends` says that it is of a part that ends the block."""
    return Stream(row=4, place=2, ends=1, data=LINE_BITS)


def write_stream() -> Stream:
    """A line on its way to memory; `last` marks the last one of a store."""
    return Stream(line_address=ADDRESS_BITS, last=1, data=LINE_BITS)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "instr": instruction_stream(),
        "src": row_line_stream(),
        "dst": write_stream(),
    }


@block
def mx_lines(clk, rst, instr, src, dst):
    """Write a matrix of up to 16 rows x 64 columns as loads of MXFP4 or MXFP8 read it, block by block.

    instr : stream of store words, of those parts only that end a block: part 1, part 3, or the one that closes
    src   : stream of lines of float32, each part row by row; a word comes between the lines of the part before and
            its own
    dst   : stream of lines for memory: row by row, then the scales of the matrix

    A row is quantised from the second cycle after its last line on, 8 elements a cycle, so that a row of 32 takes 4.
    Its line is offered 2 cycles after the last of them; the scales follow the last row's line at once, and the next
    word may come in the cycle after the block's last line. Lines of the next block's first part wait only for the rows
    that they would overwrite.
    """
    word = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        word.next = instr.word

    fmt, rule, closes = cut(word, StoreFields.fmt), cut(word, StoreFields.rule), cut(word, StoreFields.closes)
    part, m, n = cut(word, StoreFields.part), cut(word, StoreFields.m), cut(word, StoreFields.n)
    base, stride = cut(word, StoreFields.base), cut(word, StoreFields.stride)
    scale_base = cut(word, StoreFields.scale_base)

    # The block at work, from its word to its last line
    busy = wire(1)
    wide = wire(1)  # MXFP8: a block is a line
    scale_rule = wire(2)
    upper = wire(1)  # block 1 of its line of MXFP4, or of two
    closing = wire(1)  # the matrix ends with it
    keeps = wire(1)  # its codes wait for those of block 1
    last_row = wire(4)
    last_place, last_count = wire(2), wire(4)  # the line that completes a row, and the elements in it
    row_address, scale_address = wire(ADDRESS_BITS), wire(ADDRESS_BITS)
    row_stride = wire(16)
    # Its rows of float32
    complete = wire(5)  # rows
    reading = wire(1)
    read_row, read_place = wire(4), wire(2)  # the line that goes to the quantiser next
    row_next, place_next = wire(4), wire(2)
    shown = wire(1)  # it has been read
    lines = [wire(LINE_BITS) for _ in range(STEP_ROWS * ROW_LINES)]
    # Its rows of codes
    row = wire(4)  # the one that comes out of the quantiser next
    row_after = wire(4)
    scaling = wire(1)  # it is the scales' turn
    lower = [wire(LINE_BITS // 2) for _ in range(STEP_ROWS)]  # codes of block 0
    lower_codes = wire(LINE_BITS // 2)
    scale_bytes = [Signal(intbv(UNIT_SCALE)[8:]) for _ in range(SCALES)]
    scales = ConcatSignal(*reversed(scale_bytes))

    elements = Stream(data=LINE_BITS, count=4, last=1, fmt=1, rule=2)
    encoded = Stream(codes=LINE_BITS, scale=8)
    quantise = mx_quantise(clk, rst, elements, encoded)
    codes = encoded.codes(LINE_BITS // 2, 0)
    both = ConcatSignal(codes, lower_codes)

    @always_comb
    def accept():
        instr.ready.next = not busy
        src.ready.next = src.ends or not reading or src.row < read_row

    @always(clk.posedge)
    def gather():
        if src.valid and src.ready:
            lines[int(src.row) * ROW_LINES + int(src.place)].next = src.data

    @always_comb
    def seek():
        row_next.next = read_row
        place_next.next = read_place
        if shown and elements.ready:
            if read_place != last_place:
                place_next.next = read_place + 1
            else:
                place_next.next = 0
                if read_row != last_row:
                    row_next.next = read_row + 1

    @always(clk.posedge)
    def read():
        if reading:
            elements.data.next = lines[int(row_next) * ROW_LINES + int(place_next)]

    @always_comb
    def describe():
        elements.valid.next = shown
        elements.fmt.next = wide
        elements.rule.next = scale_rule
        elements.last.next = read_place == last_place
        if read_place == last_place:
            elements.count.next = last_count
        else:
            elements.count.next = LINE_FLOATS

    @always_seq(clk.posedge, rst)
    def walk():
        if reading:
            read_row.next = row_next
            read_place.next = place_next
            shown.next = row_next < complete
            if shown and elements.ready and read_place == last_place and read_row == last_row:
                reading.next = False
                shown.next = False
        if src.valid and src.ready and src.ends and src.place == last_place:
            complete.next = complete + 1
        if instr.valid and not busy:
            reading.next = True
            read_row.next = 0
            read_place.next = 0
            complete.next = 0

    @always_comb
    def offer():
        dst.valid.next = scaling or (encoded.valid and not keeps)
        encoded.ready.next = not scaling and (dst.ready or keeps)

    @always_comb
    def assemble():
        dst.last.next = scaling or (row == last_row and not closing)
        dst.line_address.next = row_address
        if scaling:
            dst.line_address.next = scale_address
            dst.data.next = scales
        elif wide:
            dst.data.next = encoded.codes
        elif upper:
            dst.data.next = both
        else:
            dst.data.next = codes

    @always_comb
    def follow():
        row_after.next = row
        if encoded.valid and encoded.ready:
            if row == last_row:
                row_after.next = 0
            else:
                row_after.next = row + 1

    @always(clk.posedge)
    def keep():
        if encoded.valid and encoded.ready and keeps:
            lower[int(row)].next = codes
        if upper:
            lower_codes.next = lower[int(row_after)]

    @always_seq(clk.posedge, rst)
    def finish():
        place = 0
        last_column = 0
        last_column = int(n) - 1
        if encoded.valid and encoded.ready:
            row.next = row_after
            place = int(upper) * STEP_ROWS + int(row)
            for i in range(SCALES):
                if i == place:
                    scale_bytes[i].next = encoded.scale
            row_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS
            if row == last_row:
                scaling.next = closing
                busy.next = closing
        if scaling and dst.ready:
            scaling.next = False
            busy.next = False
        if instr.valid and not busy:
            busy.next = True
            wide.next = fmt == MXFP8
            scale_rule.next = rule
            upper.next = part >= 2
            closing.next = closes
            keeps.next = fmt != MXFP8 and part < 2 and closes == 0
            last_row.next = m - 1
            last_place.next = (int(part) % 2) * PART_LINES + (last_column >> 3)
            last_count.next = (last_column & (LINE_FLOATS - 1)) + 1
            row_stride.next = stride
            scale_address.next = scale_base
            row_address.next = base
            if fmt == MXFP8:
                row_address.next = (int(base) + int(part) // 2) % 2**ADDRESS_BITS
            if part < 2:
                for i in range(SCALES):
                    scale_bytes[i].next = UNIT_SCALE

    return (quantise, look, accept, gather, seek, read, describe, walk, offer, assemble, follow, keep, finish)

"""Commands, data and patience drawn at random: what stands at a MemoryPort. Chapter: down to Verilog.

The present manner, 31 bits that change once an epoch, says how dense each stream is and where the lines lie:

    commands     always, 1/2, 1/16, none             banks    all, one group's, one in each group, one
    writes       none, 1/4, 1/2, all of them         rows     1, 2 or 4, which between them toggle every bit
    data         always, 1/2, 1/16, none             columns  all or two, at random or one after the other
    ahead        so many beats before their commands: none, 1, 4, all that the port takes
    rdata.ready  always, 1/2, 1/8, never

The tables below hold all choices, some more than once, as they are drawn with the same chance each.
"""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bundle import BANK_GROUP_BITS, COLUMN_BITS, ROW_BITS, MemoryPort, wire
from hdl.harness.column_commands import field_lsb
from hdl.harness.device import ROWS
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.line_hash import line_hash
from hdl.hbm.address_map import WIDTHS
from hdl.hbm.request import BANK_GROUP_MASK, BANKS, COLUMN_MASK

# Fields of the manner, the lowest bit of each: three bits where the table has eight entries, two where it has four
COMMANDS_LSB, BEATS_LSB, READY_LSB, BANKS_LSB, WRITES_LSB, ROWS_LSB, AHEAD_LSB = 0, 3, 6, 9, 12, 14, 16
COLUMNS_LSB, SEQUENTIAL_LSB = 18, 20  # the latter one bit
BANK_LSB, ROW_LSB = 21, 25  # four and two bits: the bank and row, where they are not drawn anew

COMMAND_SIXTEENTHS = (16, 16, 16, 16, 8, 8, 1, 0)
BEAT_SIXTEENTHS = (16, 16, 16, 16, 8, 8, 1, 0)
READY_EIGHTHS = (8, 8, 8, 8, 4, 4, 1, 0)
BANK_MASKS = (15, 15, 15, 15, 12, 12, 3, 0)  # bits of the bank that are drawn anew, its group lowest
WRITE_QUARTERS = (0, 1, 2, 4)
ROW_MASKS = (0, 0, 1, 3)
COLUMN_MASKS = (31, 31, 31, 1)
BEATS_AHEAD = (0, 1, 4, 64)

# Fields of a cycle's draw
GO_LSB, IS_WRITE_LSB, DRAWN_BANK_LSB, DRAWN_ROW_LSB, COLUMN_LSB, ID_LSB, READY_DRAW_LSB, BEAT_LSB = (
    0, 4, 6, 10, 12, 17, 21, 24,
)
ROW_STEP = sum(ROWS**place for place in range(ROW_BITS // (ROWS - 1).bit_length()))  # rows 0000, 1555, 2AAA, 3FFF
IDS = 16
EVEN = 128  # `owed` when as many beats as writes were offered


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "manner": wire(DRAW_BITS),
        "draw": wire(DRAW_BITS),
        "beat_draw": wire(DRAW_BITS),
        "port": MemoryPort(),
    }


@block
def traffic(clk, rst, manner, draw, beat_draw, port):
    """Offer commands and beats on `port`, take its lines; an offer stands until it is taken.

    manner    : 31 bits in, see above
    draw      : 31 bits in, new ones every cycle
    beat_draw : 31 bits in, likewise: what a beat's data are made of
    port      : MemoryPort

    What is offered in a cycle was drawn in the one before. A beat may wait for long after its command, but only so
    many as the manner says may be ahead.
    """
    group_lsb, bank_lsb, row_lsb, column_lsb = map(field_lsb, WIDTHS)
    owed = Signal(intbv(EVEN)[8:])  # writes offered more than beats
    sequence = wire(COLUMN_BITS)
    beat = wire(DRAW_BITS)

    @always_seq(clk.posedge, rst)
    def offer():
        bits = 0
        now = 0
        level = 0
        density = 0
        share = 0
        mask = 0
        bank = 0
        row = 0
        column = 0
        bits = int(draw)
        now = int(manner)
        level = int(owed)
        density = BEAT_SIXTEENTHS[(now >> BEATS_LSB) & 7]
        mask = BEATS_AHEAD[(now >> AHEAD_LSB) & 3]
        if not port.wdata.valid or port.wdata.ready:
            port.wdata.valid.next = False
            if ((bits >> BEAT_LSB) & 15) < density and level + mask > EVEN:
                port.wdata.valid.next = True
                beat.next = beat_draw
                level = level - 1
        density = COMMAND_SIXTEENTHS[(now >> COMMANDS_LSB) & 7]
        share = WRITE_QUARTERS[(now >> WRITES_LSB) & 3]
        if not port.cmd.valid or port.cmd.ready:
            port.cmd.valid.next = False
            if ((bits >> GO_LSB) & 15) < density:
                port.cmd.valid.next = True
                port.cmd.write.next = False
                if ((bits >> IS_WRITE_LSB) & 3) < share:
                    port.cmd.write.next = True
                    level = level + 1
                mask = BANK_MASKS[(now >> BANKS_LSB) & 7]
                bank = ((bits >> DRAWN_BANK_LSB) & mask) | ((now >> BANK_LSB) & (BANKS - 1 - mask))
                mask = ROW_MASKS[(now >> ROWS_LSB) & 3]
                row = ((bits >> DRAWN_ROW_LSB) & mask) | ((now >> ROW_LSB) & (ROWS - 1 - mask))
                column = bits >> COLUMN_LSB
                if ((now >> SEQUENTIAL_LSB) & 1) == 1:
                    column = int(sequence)
                mask = COLUMN_MASKS[(now >> COLUMNS_LSB) & 3]
                column = column & mask
                sequence.next = (int(sequence) + 1) & COLUMN_MASK
                port.cmd.line_address.next = (
                    ((row * ROW_STEP) << row_lsb) + ((bank >> BANK_GROUP_BITS) << bank_lsb) + (column << column_lsb)
                    + ((bank & BANK_GROUP_MASK) << group_lsb)
                )
                port.cmd.id.next = (bits >> ID_LSB) & (IDS - 1)
        owed.next = level
        density = READY_EIGHTHS[(now >> READY_LSB) & 7]
        port.rdata.ready.next = ((bits >> READY_DRAW_LSB) & 7) < density

    data = line_hash(beat, port.wdata.data)
    return offer, data

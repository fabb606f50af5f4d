"""What a device makes of the command pins: which line each RD and WR reaches, and how long ago it was.

    bus ──> open rows ──> place of the line
        └─> RD, WR ─────> one bit a CK, growing older

Chapter: down to Verilog.
"""

from myhdl import always_seq, block

from hdl.bundle import ROW_BITS, wire
from hdl.hbm.address_map import WIDTHS
from hdl.hbm.request import BANK_GROUPS, BANKS
from zhenwu.spec.hbm3 import ACT, PREAB, PREPB, RD, WR
from zhenwu.spec.hbm_controller import ADDRESS_MAPS, CONTROLLER


def field_lsb(field: str) -> int:
    """Where a field begins in the line address, under the address map that the controller has by default."""
    fields = ADDRESS_MAPS[CONTROLLER.address_map.value]
    return sum(WIDTHS[lower] for lower in fields[: fields.index(field)])


@block
def column_commands(clk, rst, bus, place, reading, writing):
    """Follow the rows that are open, and the column commands.

    bus              : HbmCommandBus
    place            : 23 bits out, the line that the last column command reached; in a bank without a row, of row 0
    reading, writing : a bit a CK, out: bit k says that there was an RD (or a WR) k + 1 CK ago

    A reset closes all banks and forgets all commands. It trusts the commands to be legal.
    """
    group_lsb, bank_lsb, row_lsb, column_lsb = map(field_lsb, WIDTHS)
    read_mask, write_mask = (1 << len(reading)) - 1, (1 << len(writing)) - 1
    open_row = [wire(ROW_BITS) for _ in range(BANKS)]  # 0 where none is

    @always_seq(clk.posedge, rst)
    def follow():
        bank = 0
        row = 0
        opened = 0
        closed = 0
        bank = int(bus.column.bank) * BANK_GROUPS + int(bus.column.bank_group)
        opened = int(bus.rise.bank) * BANK_GROUPS + int(bus.rise.bank_group)
        closed = int(bus.fall.bank) * BANK_GROUPS + int(bus.fall.bank_group)
        row = int(open_row[bank])
        if bus.rise.op == ACT:
            open_row[opened].next = bus.rise.row
            if opened == bank:
                row = int(bus.rise.row)
        if bus.fall.op == PREPB:
            open_row[closed].next = 0
            if closed == bank:
                row = 0
        if bus.fall.op == PREAB:
            row = 0
            for i in range(BANKS):
                open_row[i].next = 0
        if bus.column.op == RD or bus.column.op == WR:
            place.next = (
                (row << row_lsb) + (int(bus.column.bank) << bank_lsb) + (int(bus.column.column) << column_lsb)
                + (int(bus.column.bank_group) << group_lsb)
            )

    @always_seq(clk.posedge, rst)
    def age():
        reads = 0
        writes = 0
        reads = (int(reading) * 2) & read_mask
        writes = (int(writing) * 2) & write_mask
        if bus.column.op == RD:
            reads = reads + 1
        if bus.column.op == WR:
            writes = writes + 1
        reading.next = reads
        writing.next = writes

    return follow, age

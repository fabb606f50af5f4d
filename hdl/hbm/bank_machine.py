"""What each bank does: it is closed, or a row is open, whose opener may still wait. Chapter: the controller."""

from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bundle import COLUMN_BITS, ROW_BITS, CommandSlot, wire
from hdl.hbm.request import BANK_GROUPS, BANKS
from zhenwu.spec.hbm3 import ACT, PREAB

ALL_BANKS = (1 << BANKS) - 1


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "rise": CommandSlot(row=ROW_BITS),
        "fall": CommandSlot(row=ROW_BITS),
        "column": CommandSlot(column=COLUMN_BITS),
        "act_for_write": wire(1),
        "is_open": wire(BANKS),
        "open_row": [wire(ROW_BITS) for _ in range(BANKS)],
        "opener_waits": wire(BANKS),
        "opener_is_write": wire(BANKS),
    }


@block
def bank_machine(clk, rst, rise, fall, column, act_for_write, is_open, open_row, opener_waits, opener_is_write):
    """Follow the commands to every bank, as the device's banks do: one small machine a bank.

    rise, fall, column : the command pins in this CK
    act_for_write      : 1 bit in: the ACT on the pins opens its row for a write
    is_open            : a bit a bank, out: a row is open
    open_row           : list of 14 bits, out: which
    opener_waits       : a bit a bank, out: the request for which it was opened, its opener, has not been served yet,
                         so the row is protected
    opener_is_write    : a bit a bank, out: that request is a write

    Banks are counted over all bank groups, the group in the lowest bits. Latency 1. It issues nothing and refuses
    nothing: the scheduler reads it, the timing gates keep the rules.
    """

    @always_seq(clk.posedge, rst)
    def follow():
        bank = 0
        mask = 0
        opened = 0
        waits = 0
        opened = int(is_open)
        waits = int(opener_waits)
        if fall.op == PREAB:
            opened = 0
        elif fall.op:
            bank = int(fall.bank) * BANK_GROUPS + int(fall.bank_group)
            opened = opened & (ALL_BANKS - (1 << bank))
        if column.op:
            bank = int(column.bank) * BANK_GROUPS + int(column.bank_group)
            waits = waits & (ALL_BANKS - (1 << bank))
        if rise.op == ACT:
            bank = int(rise.bank) * BANK_GROUPS + int(rise.bank_group)
            mask = 1 << bank
            opened = opened | mask
            waits = waits | mask
            open_row[bank].next = rise.row
            if act_for_write:
                opener_is_write.next = int(opener_is_write) | mask
            else:
                opener_is_write.next = int(opener_is_write) & (ALL_BANKS - mask)
        if opened != is_open:
            is_open.next = opened
        if waits != opener_waits:
            opener_waits.next = waits

    return follow

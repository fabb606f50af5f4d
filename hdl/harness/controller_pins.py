"""The controller's pins as words for the signature: what nobody may look at shows as 0. Chapter: down to Verilog.

Each 32-bit word of the lines is turned by another number of bits before the signature XORs all words: halves or words
that changed places would else leave no trace.
"""

from myhdl import ConcatSignal, always_comb, block

from hdl.bundle import (
    ADDRESS_BITS,
    COLUMN_BITS,
    DQ_BITS,
    ID_BITS,
    LINE_BITS,
    OP_BITS,
    ROW_BITS,
    HbmCommandBus,
    HbmDataBus,
    MemoryPort,
    wire,
)
from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.turned_words import turned_words
from zhenwu.spec.hbm3 import ACT, NOP, PREPB

CMD_BITS = 3 + ADDRESS_BITS + ID_BITS
FLAG_BITS = 14
BANK_FIELD_BITS = 7  # pseudo-channel, stack id, bank group, bank
RISE_BITS, FALL_BITS, COLUMN_SLOT_BITS = (OP_BITS + BANK_FIELD_BITS + last for last in (ROW_BITS, 0, COLUMN_BITS))
FLAGS_LSB = CMD_BITS
RISE_LSB = FLAGS_LSB + FLAG_BITS
FALL_LSB = RISE_LSB + RISE_BITS
COLUMN_SLOT_LSB = FALL_LSB + FALL_BITS
LINE_WORDS, HALF_WORDS = LINE_BITS // SIGNATURE_BITS, DQ_BITS // SIGNATURE_BITS
RDATA_TURN, DQ_TURN = LINE_WORDS, 2 * LINE_WORDS  # those of their first words; wdata's is 0
WORDS = (COLUMN_SLOT_LSB + COLUMN_SLOT_BITS) // SIGNATURE_BITS + 2 * LINE_WORDS + HALF_WORDS

# In the slots and in flags, from bit 0 up
PSEUDO_CHANNEL_LSB = OP_BITS
STACK_ID_LSB, BANK_GROUP_LSB, BANK_LSB, LAST_LSB = (PSEUDO_CHANNEL_LSB + offset for offset in (1, 3, 5, 7))
ADDRESS_LSB, COMMAND_ID_LSB = 3, 3 + ADDRESS_BITS
WDATA_VALID, WDATA_READY, RDATA_VALID, RDATA_READY, ERROR, DRIVE = 1, 2, 4, 8, 16, 32
RETURNED_ID_LSB = 6


def ports() -> dict:
    """Fresh ports."""
    return {"port": MemoryPort(), "bus": HbmCommandBus(), "dq": HbmDataBus(), "pins": wire(WORDS * SIGNATURE_BITS)}


@block
def controller_pins(port, bus, dq, pins):
    """Gather the pins of a controller, in no time.

    port, bus, dq : in
    pins          : WORDS x 32 bits out

    Payloads count where `valid` is high, `write` where `drive` is, fields of a slot where its command names them.
    """
    cmd, flags, rise = wire(CMD_BITS), wire(FLAG_BITS), wire(RISE_BITS)
    fall, column = wire(FALL_BITS), wire(COLUMN_SLOT_BITS)
    wdata, rdata, write = wire(LINE_BITS), wire(LINE_BITS), wire(DQ_BITS)
    whole = ConcatSignal(
        *turned_words(write, DQ_TURN), *turned_words(rdata, RDATA_TURN), *turned_words(wdata, 0),
        column, fall, rise, flags, cmd,
    )
    assert len(whole) == len(pins), f"{len(whole)} bits of pins: expected {len(pins)}"

    @always_comb
    def show_cmd():
        bits = 0
        if port.cmd.valid:
            bits = (
                1 + 4 * int(port.cmd.write) + (int(port.cmd.line_address) << ADDRESS_LSB)
                + (int(port.cmd.id) << COMMAND_ID_LSB)
            )
        cmd.next = bits + 2 * int(port.cmd.ready)

    @always_comb
    def show_flags():
        bits = 0
        if port.wdata.valid:
            bits = bits + WDATA_VALID
        if port.wdata.ready:
            bits = bits + WDATA_READY
        if port.rdata.ready:
            bits = bits + RDATA_READY
        if dq.drive:
            bits = bits + DRIVE
        if port.rdata.valid:
            bits = bits + RDATA_VALID + (int(port.rdata.id) << RETURNED_ID_LSB)
            if port.rdata.error:
                bits = bits + ERROR
        flags.next = bits

    @always_comb
    def show_lines():
        wdata.next = 0
        rdata.next = 0
        write.next = 0
        if port.wdata.valid:
            wdata.next = port.wdata.data
        if port.rdata.valid:
            rdata.next = port.rdata.data
        if dq.drive:
            write.next = dq.write

    @always_comb
    def show_rows():
        bits = 0
        if bus.rise.op == ACT:
            bits = (
                (int(bus.rise.pseudo_channel) << PSEUDO_CHANNEL_LSB) + (int(bus.rise.stack_id) << STACK_ID_LSB)
                + (int(bus.rise.bank_group) << BANK_GROUP_LSB) + (int(bus.rise.bank) << BANK_LSB)
                + (int(bus.rise.row) << LAST_LSB)
            )
        rise.next = bits + int(bus.rise.op)
        bits = 0
        if bus.fall.op == PREPB:
            bits = (
                (int(bus.fall.pseudo_channel) << PSEUDO_CHANNEL_LSB) + (int(bus.fall.stack_id) << STACK_ID_LSB)
                + (int(bus.fall.bank_group) << BANK_GROUP_LSB) + (int(bus.fall.bank) << BANK_LSB)
            )
        fall.next = bits + int(bus.fall.op)

    @always_comb
    def show_column():
        bits = 0
        if bus.column.op != NOP:
            bits = (
                (int(bus.column.pseudo_channel) << PSEUDO_CHANNEL_LSB) + (int(bus.column.stack_id) << STACK_ID_LSB)
                + (int(bus.column.bank_group) << BANK_GROUP_LSB) + (int(bus.column.bank) << BANK_LSB)
                + (int(bus.column.column) << LAST_LSB)
            )
        column.next = bits + int(bus.column.op)

    @always_comb
    def gather():
        pins.next = whole

    return show_cmd, show_flags, show_lines, show_rows, show_column, gather

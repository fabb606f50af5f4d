"""The pins of a slice towards its memory as words of 32 bits, for the signature. Chapter: down to Verilog.

What a command does not name does not count, nor does DQ while nobody drives it.
"""

from myhdl import ConcatSignal, always_comb, block

from hdl.bundle import DQ_BITS, wire
from hdl.harness.signature import SIGNATURE_BITS
from zhenwu.spec.hbm3 import ACT, NOP, PREPB

MEMORY_WORDS = 11
PSEUDO_CHANNEL_LSB, STACK_ID_LSB, BANK_GROUP_LSB, BANK_LSB, LAST_LSB = 4, 5, 7, 9, 11  # in a slot; `op` is lowest


@block
def memory_words(bus, dq, pins):
    """Those of command bus and DQ.

    pins : 11 x 32 bits out, from the lowest: rise, fall, {dq.drive, column}, 4 words each of dq.write and dq.read;
           a slot has the row or column at the top, then bank, bank group, stack id, pseudo-channel and op
    """
    rise, fall, column = (wire(SIGNATURE_BITS) for _ in range(3))
    write, read = wire(DQ_BITS), wire(DQ_BITS)
    joined = ConcatSignal(read, write, column, fall, rise)

    @always_comb
    def show_rows():
        bits = 0
        bits = int(bus.rise.op)
        if bus.rise.op == ACT:
            bits = bits | (int(bus.rise.pseudo_channel) << PSEUDO_CHANNEL_LSB)
            bits = bits | (int(bus.rise.stack_id) << STACK_ID_LSB) | (int(bus.rise.bank_group) << BANK_GROUP_LSB)
            bits = bits | (int(bus.rise.bank) << BANK_LSB) | (int(bus.rise.row) << LAST_LSB)
        rise.next = bits
        bits = int(bus.fall.op)
        if bus.fall.op == PREPB:
            bits = bits | (int(bus.fall.pseudo_channel) << PSEUDO_CHANNEL_LSB)
            bits = bits | (int(bus.fall.stack_id) << STACK_ID_LSB) | (int(bus.fall.bank_group) << BANK_GROUP_LSB)
            bits = bits | (int(bus.fall.bank) << BANK_LSB)
        fall.next = bits

    @always_comb
    def show_column():
        bits = 0
        bits = int(bus.column.op)
        if bus.column.op != NOP:
            bits = bits | (int(bus.column.pseudo_channel) << PSEUDO_CHANNEL_LSB)
            bits = bits | (int(bus.column.stack_id) << STACK_ID_LSB) | (int(bus.column.bank_group) << BANK_GROUP_LSB)
            bits = bits | (int(bus.column.bank) << BANK_LSB) | (int(bus.column.column) << LAST_LSB)
        if dq.drive:
            bits = bits | (1 << (SIGNATURE_BITS - 2))
        column.next = bits

    @always_comb
    def show_dq():
        read.next = dq.read
        write.next = 0
        if dq.drive:
            write.next = dq.write

    @always_comb
    def join():
        pins.next = joined

    return show_rows, show_column, show_dq, join

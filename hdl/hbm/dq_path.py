"""Bursts on DQ, at their latencies after RD and WR. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bundle import DQ_BITS, OP_BITS, HbmDataBus, wire
from hdl.hbm.request import SLOT_BITS
from hdl.hbm.request_queue import index_wire
from zhenwu.spec.hbm3 import RD, WR


def ports(*, slots: int, now_bits: int) -> dict:
    """Fresh ports; `slots` is the write buffer's."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "now": wire(now_bits),
        "column_op": wire(OP_BITS),
        "slot": wire(SLOT_BITS),
        "first_half": [wire(DQ_BITS) for _ in range(slots)],
        "second_half": [wire(DQ_BITS) for _ in range(slots)],
        "dq": HbmDataBus(),
        "fill": wire(1),
        "fill_slot": wire(SLOT_BITS),
        "half": wire(DQ_BITS),
        "sent": wire(1),
        "sent_slot": wire(SLOT_BITS),
    }


@block
def dq_path(clk, rst, now, column_op, slot, first_half, second_half, dq, fill, fill_slot, half, sent, sent_slot, *,
            read_latency, write_latency):
    """Take the bursts of reads from DQ and drive those of writes, two CK each.

    now                     : the CK, a counter that runs round
    column_op, slot         : the column command on the pins, and its request's slot
    first_half, second_half : lists of 128 bits, the lines of the write buffer
    dq                      : HbmDataBus
    fill, fill_slot, half   : out: the second half of a read is on DQ in this CK; its slot and its first half
    sent, sent_slot         : out: the second half of this slot's line is on DQ in this CK
    read_latency, write_latency : CK from RD, WR to the first half

    It keeps the bursts under way in two rings, in the order of their commands, each with the CK in which it is due.
    """
    assert read_latency >= 1 and write_latency >= 2, f"latencies {read_latency}, {write_latency}: expected 1, 2 or more"
    assert max(read_latency, write_latency) < 1 << len(now), f"now has {len(now)} bits: expected more"
    last_ck = (1 << len(now)) - 1
    reads_under_way = read_latency // 2 + 2
    writes_under_way = write_latency // 2 + 2
    read_slots = [wire(SLOT_BITS) for _ in range(reads_under_way)]
    read_due = [wire(len(now)) for _ in range(reads_under_way)]
    write_slots = [wire(SLOT_BITS) for _ in range(writes_under_way)]
    write_due = [wire(len(now)) for _ in range(writes_under_way)]
    read_head, read_tail = index_wire(reads_under_way), index_wire(reads_under_way)
    write_head, write_tail = index_wire(writes_under_way), index_wire(writes_under_way)
    second = wire(1)  # the other half of a write follows in the next CK
    driven = wire(SLOT_BITS)  # its slot

    @always_seq(clk.posedge, rst)
    def take():
        if column_op == RD:
            read_slots[int(read_tail)].next = slot
            read_due[int(read_tail)].next = (int(now) + read_latency) & last_ck
            read_tail.next = (int(read_tail) + 1) % reads_under_way
        if fill:
            fill.next = False
        if read_head != read_tail:
            if read_due[int(read_head)] == now:
                fill.next = True
                fill_slot.next = read_slots[int(read_head)]
                half.next = dq.read
                read_head.next = (int(read_head) + 1) % reads_under_way

    @always_seq(clk.posedge, rst)
    def send():
        starts = False
        next_slot = 0
        if column_op == WR:
            write_slots[int(write_tail)].next = slot
            write_due[int(write_tail)].next = (int(now) + write_latency - 1) & last_ck
            write_tail.next = (int(write_tail) + 1) % writes_under_way
        if write_head != write_tail:
            starts = write_due[int(write_head)] == now
        if starts:
            next_slot = int(write_slots[int(write_head)])
            second.next = True
            driven.next = next_slot
            write_head.next = (int(write_head) + 1) % writes_under_way
            dq.drive.next = True
            dq.write.next = first_half[next_slot]
            dq.write_ecc.next = 0
        elif second:
            second.next = False
            dq.write.next = second_half[int(driven)]
        elif dq.drive:
            dq.drive.next = False
        if second:
            sent_slot.next = driven
        if second or sent:
            sent.next = second

    return take, send

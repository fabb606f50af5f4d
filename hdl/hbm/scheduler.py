"""Which commands start in the next CK: first ready, first come, with rows and refresh in view. Chapter: the controller.

The policy is told in `zhenwu/cycle/hbm/scheduler.py`, which this block equals in every cycle: one walk over the queue
of the present direction, the oldest request first, then one over the other queue if it left openers behind. Here a
set of banks is a mask, a bit a bank, and what must not start is masked out before the walk.
"""

from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bundle import BANK_GROUP_BITS, ROW_BITS, HbmCommandBus, wire
from hdl.hbm.bank_machine import ALL_BANKS
from hdl.hbm.request import (
    BANK_GROUP_MASK,
    BANK_GROUPS,
    BANK_MASK,
    BANKS,
    COLUMN_LSB,
    COLUMN_MASK,
    REQUEST_BITS,
    ROW_LSB,
    ROW_MASK,
    SLOT_BITS,
    SLOT_LSB,
)
from hdl.hbm.request_queue import count_wire, index_wire
from hdl.hbm.timing_gate import KINDS
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB, RD, REFAB, WR

ACT_KIND, READ_KIND, WRITE_KIND, PRECHARGE_KIND, PRECHARGE_ALL_KIND, REFRESH_KIND = range(len(KINDS))
BANK_KINDS, GROUP_KINDS = 4, 3  # kinds that have gates of their own in each bank, in each bank group
GROUP_OF = sum(1 << bank for bank in range(0, BANKS, BANK_GROUPS))  # the banks of group 0, as a mask


def ports(*, read_entries: int, write_entries: int) -> dict:
    """Fresh ports."""
    bus = HbmCommandBus()
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "reads": [wire(REQUEST_BITS) for _ in range(read_entries)],
        "writes": [wire(REQUEST_BITS) for _ in range(write_entries)],
        "read_head": index_wire(read_entries),
        "write_head": index_wire(write_entries),
        "read_ready": count_wire(read_entries),
        "write_ready": count_wire(write_entries),
        "writing": wire(1),
        "overdue": wire(1),
        "due": wire(1),
        "is_open": wire(BANKS),
        "open_row": [wire(ROW_BITS) for _ in range(BANKS)],
        "opener_waits": wire(BANKS),
        "opener_is_write": wire(BANKS),
        "bank_shut": [wire(BANKS) for _ in range(BANK_KINDS)],
        "group_shut": [wire(BANK_GROUPS) for _ in range(GROUP_KINDS)],
        "channel_shut": [wire(1) for _ in KINDS],
        "window_shut": wire(1),
        "rise": bus.rise,
        "fall": bus.fall,
        "column": bus.column,
        "act_for_write": wire(1),
        "leave_read": wire(1),
        "leave_write": wire(1),
        "position": index_wire(max(read_entries, write_entries)),
        "slot": wire(SLOT_BITS),
    }


@block
def scheduler(clk, rst, reads, writes, read_head, write_head, read_ready, write_ready, writing, overdue, due, is_open,
              open_row, opener_waits, opener_is_write, bank_shut, group_shut, channel_shut, window_shut, rise, fall,
              column, act_for_write, leave_read, leave_write, position, slot, *, precharge_pause=True):
    """Choose the commands of the next CK.

    reads, writes           : lists of requests, rings
    read_head, write_head   : the place of the oldest
    read_ready, write_ready : how many of them can be served
    writing, overdue        : 1 bit each in: the direction, and that age decided it
    due                     : 1 bit in: a refresh is due
    is_open, open_row, opener_waits, opener_is_write : what the bank machines say
    bank_shut, group_shut, channel_shut, window_shut : lists of masks, in: what must not start, by kind of command
    rise, fall, column      : the command pins, registers
    act_for_write           : 1 bit out, with an ACT: it opens the row for a write
    leave_read, leave_write : 1 bit each out, with RD or WR: a request leaves this queue
    position, slot          : out, with RD or WR: the request's position and slot
    precharge_pause         : two PREs need 2 CK or more, as two bursts and two ACTs always do

    Latency 1: what is chosen before an edge is on the pins after it.
    """
    read_entries, write_entries = len(reads), len(writes)
    entries = max(read_entries, write_entries)

    @always_seq(clk.posedge, rst)
    def choose():
        opened = 0  # banks, as masks: a row is open
        waits = 0  # its opener waits
        own = 0  # an opener of this direction waits
        left = 0  # an opener that the other direction left behind waits
        unmet = -1  # no older request has been met
        act_shut = 0
        column_shut = 0
        other_shut = 0
        precharge_shut = 0
        closing = 0
        mask = 0
        bank = 0
        head = 0
        other_head = 0
        waiting = 0
        others = 0
        size = -1  # signed for MyHDL
        other_size = -1
        place = 0
        request = 0
        first = False
        hold = False
        act_found = False
        act_request = 0
        precharge_found = False
        precharge_bank = 0
        unserved = 0
        searching = False
        hit_found = False
        settled = False  # nobody comes before the one that was found
        served = False
        served_request = 0
        served_position = 0
        served_write = False
        column_free = False
        fall_free = False
        leftover_found = False

        opened = int(is_open)
        waits = int(opener_waits)
        own = waits & int(opener_is_write)
        if not writing:
            own = waits - own
        left = waits - own
        hold = due or (overdue and left != 0)
        column_free = column.op == NOP
        fall_free = fall.op == NOP or (fall.op == PREPB and not precharge_pause)

        act_shut = int(bank_shut[ACT_KIND]) | (int(group_shut[ACT_KIND]) * GROUP_OF)
        if channel_shut[ACT_KIND] or window_shut or rise.op != NOP:
            act_shut = ALL_BANKS
        precharge_shut = int(bank_shut[PRECHARGE_KIND]) | waits
        if channel_shut[PRECHARGE_KIND] or not fall_free:
            precharge_shut = ALL_BANKS
        if column.op != NOP:
            precharge_shut = precharge_shut | (1 << (int(column.bank) * BANK_GROUPS + int(column.bank_group)))
        if fall.op == PREPB:
            closing = 1 << (int(fall.bank) * BANK_GROUPS + int(fall.bank_group))
            precharge_shut = precharge_shut | closing
        column_shut = int(bank_shut[READ_KIND]) | (int(group_shut[READ_KIND]) * GROUP_OF)
        if channel_shut[READ_KIND]:
            column_shut = ALL_BANKS
        other_shut = int(bank_shut[WRITE_KIND]) | (int(group_shut[WRITE_KIND]) * GROUP_OF)
        if channel_shut[WRITE_KIND]:
            other_shut = ALL_BANKS
        head = int(read_head)
        other_head = int(write_head)
        waiting = int(read_ready)
        others = int(write_ready)
        size = read_entries
        other_size = write_entries
        if writing:
            mask = column_shut
            column_shut = other_shut
            other_shut = mask
            head = int(write_head)
            other_head = int(read_head)
            waiting = int(write_ready)
            others = int(read_ready)
            size = write_entries
            other_size = read_entries

        column_shut = column_shut | closing
        if not column_free:
            column_shut = ALL_BANKS
        unserved = column_shut | waits  # no row hit of these banks; later also of one with a conflict
        searching = column_free and not hold  # for a row hit
        for i in range(entries):
            if i < waiting:
                place = head + i
                if place >= size:
                    place = place - size
                if writing:
                    request = int(writes[place])
                else:
                    request = int(reads[place])
                bank = request & BANK_MASK
                mask = 1 << bank
                first = (unmet & mask) != 0
                unmet = unmet & ~mask
                if (opened & mask) == 0:
                    if first and not act_found and (act_shut & mask) == 0:
                        act_found = True
                        act_request = request
                elif first or (searching and (unserved & mask) == 0):
                    if int(open_row[bank]) != ((request >> ROW_LSB) & ROW_MASK):
                        if first:
                            unserved = unserved | mask
                            if not precharge_found and (precharge_shut & mask) == 0:
                                precharge_found = True
                                precharge_bank = bank
                    elif first and not settled and (own & mask) != 0 and (column_shut & mask) == 0:
                        settled = True
                        searching = False
                        served_request = request
                        served_position = i
                    elif searching and (unserved & mask) == 0:
                        hit_found = True
                        searching = False
                        if overdue and i == 0:
                            settled = True
                        served_request = request
                        served_position = i
        served = settled or hit_found
        served_write = bool(writing)
        if left != 0 and column_free:
            for i in range(entries):
                if i < others:
                    place = other_head + i
                    if place >= other_size:
                        place = place - other_size
                    if writing:
                        request = int(reads[place])
                    else:
                        request = int(writes[place])
                    mask = 1 << (request & BANK_MASK)
                    if not leftover_found and (left & mask) != 0 and (other_shut & mask) == 0:
                        leftover_found = True
                        served = True
                        served_write = not writing
                        served_request = request
                        served_position = i
                    other_shut = other_shut | mask  # to younger requests

        if served or column.op != NOP:
            leave_read.next = served and not served_write
            leave_write.next = served and served_write
            column.op.next = NOP
        if served:
            if served_write:
                column.op.next = WR
            else:
                column.op.next = RD
            column.pseudo_channel.next = 0
            column.stack_id.next = 0
            column.bank_group.next = served_request & BANK_GROUP_MASK
            column.bank.next = (served_request & BANK_MASK) >> BANK_GROUP_BITS
            column.column.next = (served_request >> COLUMN_LSB) & COLUMN_MASK
            position.next = served_position
            slot.next = served_request >> SLOT_LSB
        if rise.op != NOP:
            rise.op.next = NOP
        if fall.op != NOP:
            fall.op.next = NOP
        if act_found and not hold:
            rise.op.next = ACT
            rise.pseudo_channel.next = 0
            rise.stack_id.next = 0
            rise.bank_group.next = act_request & BANK_GROUP_MASK
            rise.bank.next = (act_request & BANK_MASK) >> BANK_GROUP_BITS
            rise.row.next = (act_request >> ROW_LSB) & ROW_MASK
            act_for_write.next = writing
        elif precharge_found and not hold:
            fall.op.next = PREPB
            fall.pseudo_channel.next = 0
            fall.stack_id.next = 0
            fall.row.next = 0
            fall.bank_group.next = precharge_bank & BANK_GROUP_MASK
            fall.bank.next = precharge_bank >> BANK_GROUP_BITS
        if due and waits == 0 and rise.op == NOP and column.op == NOP and fall_free:
            if opened != 0:
                if not channel_shut[PRECHARGE_ALL_KIND]:
                    fall.op.next = PREAB
            elif fall.op == NOP and not channel_shut[REFRESH_KIND]:
                rise.op.next = REFAB

    return choose

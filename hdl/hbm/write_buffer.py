"""The lines to be written, from their arrival until their burst has left. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block

from hdl.bundle import DQ_BITS, LINE_BITS, Stream, wire
from hdl.hbm.admission import Entering
from hdl.hbm.request import REQUEST_BITS, SLOT_BITS, SLOT_LSB
from hdl.hbm.request_queue import count_wire, index_wire


def ports(*, entries: int, slots: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "wdata": Stream(data=LINE_BITS),
        "entering": Entering(),
        "writes": [wire(REQUEST_BITS) for _ in range(entries)],
        "write_head": index_wire(entries),
        "write_count": count_wire(entries),
        "write_ready": count_wire(entries),
        "sent": wire(1),
        "sent_slot": wire(SLOT_BITS),
        "arrive": wire(1),
        "queued": [wire(1) for _ in range(slots)],
        "present": [wire(1) for _ in range(slots)],
        "first_half": [wire(DQ_BITS) for _ in range(slots)],
        "second_half": [wire(DQ_BITS) for _ in range(slots)],
    }


@block
def write_buffer(clk, rst, wdata, entering, writes, write_head, write_count, write_ready, sent, sent_slot, arrive,
                 queued, present, first_half, second_half):
    """Hold the line of each write in its slot; beats that are here before their command wait in front.

    wdata                    : stream of lines, in the order of the write commands; as many as the queue has entries
                               may come before their commands; `ready` is a register
    entering                 : Entering, in
    writes, write_head, write_count, write_ready : the write queue: list, place of the oldest, how many, with data
    sent, sent_slot          : in: this slot's burst has left
    arrive                   : 1 bit out: in this CK the oldest write without data gets them
    queued                   : list of bits, out: the slot's line is still to be sent
    present                  : list of bits, out: the slot's line has arrived
    first_half, second_half  : lists of 128 bits, out: the lines

    A beat is in its slot two cycles after its transfer, if its command is there by then.
    """
    entries = len(writes)
    early_first = [wire(DQ_BITS) for _ in range(entries)]
    early_second = [wire(DQ_BITS) for _ in range(entries)]
    level, oldest, newest = count_wire(entries), index_wire(entries), index_wire(entries)

    @always_comb
    def meet():
        arrive.next = level > 0 and write_ready < write_count

    @always(clk.posedge)
    def store():
        slot = 0
        if arrive:
            slot = int(writes[(int(write_head) + int(write_ready)) % entries]) >> SLOT_LSB
            first_half[slot].next = early_first[int(oldest)]
            second_half[slot].next = early_second[int(oldest)]
        if wdata.valid and wdata.ready:
            early_first[int(newest)].next = wdata.data[DQ_BITS:]
            early_second[int(newest)].next = wdata.data[:DQ_BITS]

    @always_seq(clk.posedge, rst)
    def mark():
        slot = 0
        filled = 0
        filled = int(level)
        if arrive:
            filled = filled - 1
            slot = int(writes[(int(write_head) + int(write_ready)) % entries]) >> SLOT_LSB
            present[slot].next = True
            oldest.next = (int(oldest) + 1) % entries
        if wdata.valid and wdata.ready:
            filled = filled + 1
            newest.next = (int(newest) + 1) % entries
        if filled != level or not wdata.ready:
            level.next = filled
            wdata.ready.next = filled < entries
        if sent:
            queued[int(sent_slot)].next = False
        if entering.write:
            slot = int(entering.request) >> SLOT_LSB
            queued[slot].next = True
            present[slot].next = False

    return meet, store, mark

"""Lines on their way back, in the order in which they were asked for. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always, always_seq, block, concat, intbv

from hdl.bundle import DQ_BITS, ID_BITS, LINE_BITS, Stream, wire
from hdl.hbm.admission import Entering
from hdl.hbm.request import SLOT_BITS, SLOT_LSB
from hdl.hbm.request_queue import index_wire


def ports(*, slots: int) -> dict:
    """Fresh ports; `slots` is the write buffer's."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "entering": Entering(),
        "fill": wire(1),
        "fill_slot": wire(SLOT_BITS),
        "half": wire(DQ_BITS),
        "dq_read": wire(DQ_BITS),
        "present": [wire(1) for _ in range(slots)],
        "first_half": [wire(DQ_BITS) for _ in range(slots)],
        "second_half": [wire(DQ_BITS) for _ in range(slots)],
        "sent": wire(1),
        "sent_slot": wire(SLOT_BITS),
        "rdata": Stream(data=LINE_BITS, id=ID_BITS, error=1),
        "returned": wire(1),
    }


@block
def return_buffer(clk, rst, entering, fill, fill_slot, half, dq_read, present, first_half, second_half, sent, sent_slot,
                  rdata, returned, *, entries):
    """Give each read its line when it is its turn.

    entering                 : Entering, in: a read has been promised the next line
    fill, fill_slot, half    : in: the burst for this slot ends in this CK; its first half
    dq_read                  : 128 bits in, the DQ pins: its second half
    present, first_half, second_half : lists, what the write buffer holds, for forwarded reads
    sent, sent_slot          : in: the burst of this write slot has left, the slot is free from the next CK on
    rdata                    : stream of lines {data, id, error}, in the order of the reads; error is 0
    returned                 : 1 bit out: a line has left
    entries                  : lines

    A line comes from DQ; a forwarded read's from the write buffer. If its turn comes while the write is queued, it
    waits for the write's data and takes them there. If the write leaves first, all reads that wait for its line get a
    copy: one line on all inputs, an enable each. Latency 2 from the burst's end; a line a cycle.
    """
    head = index_wire(entries)
    first_line = [wire(DQ_BITS) for _ in range(entries)]
    second_line = [wire(DQ_BITS) for _ in range(entries)]
    ids = [wire(ID_BITS) for _ in range(entries)]
    sources = [wire(SLOT_BITS) for _ in range(entries)]
    filled, forwarded = (Signal(intbv(0)[max(2, entries) :]) for _ in range(2))  # a bit a line

    @always(clk.posedge)
    def store():
        slot = 0
        if fill:
            first_line[int(fill_slot)].next = half
            second_line[int(fill_slot)].next = dq_read
        if entering.read or entering.forward:
            slot = int(entering.request) >> SLOT_LSB
            ids[slot].next = entering.id
            sources[slot].next = entering.source
        if sent and forwarded != 0:
            for i in range(entries):
                if forwarded[i] and sources[i] == sent_slot:
                    first_line[i].next = first_half[int(sent_slot)]
                    second_line[i].next = second_half[int(sent_slot)]

    @always_seq(clk.posedge, rst)
    def give():
        slot = 0
        source = 0
        from_write = False
        from_dq = False
        slot = int(head)
        if sent and forwarded != 0:
            for i in range(entries):
                if forwarded[i] and sources[i] == sent_slot:
                    filled.next[i] = True
                    forwarded.next[i] = False
        if returned:
            returned.next = False
        if not rdata.valid or rdata.ready:
            from_dq = bool(filled[slot])
            if forwarded[slot]:
                source = int(sources[slot])
                from_write = bool(present[source])
            if rdata.valid or from_write or from_dq:
                rdata.valid.next = from_write or from_dq
            if from_write:
                rdata.data.next = concat(second_half[source], first_half[source])
            elif from_dq:
                rdata.data.next = concat(second_line[slot], first_line[slot])
            if from_write or from_dq:
                rdata.id.next = ids[slot]
                rdata.error.next = False
                returned.next = True
                filled.next[slot] = False
                forwarded.next[slot] = False
                head.next = (slot + 1) % entries
        if entering.forward:
            forwarded.next[int(entering.request) >> SLOT_LSB] = True
        if fill:
            filled.next[int(fill_slot)] = True

    return store, give

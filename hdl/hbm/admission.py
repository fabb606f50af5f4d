"""Commands from the port, one by one, into the queues: hazards, forwarding, room. Chapter: the controller."""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bundle import BANK_BITS, BANK_GROUP_BITS, COLUMN_BITS, ID_BITS, ROW_BITS, command_stream, wire
from hdl.hbm.address_map import address_map
from hdl.hbm.request import BANK_GROUPS, COLUMN_LSB, PLACE_MASK, REQUEST_BITS, ROW_LSB, SLOT_BITS, SLOT_LSB
from hdl.hbm.request_queue import count_wire, index_wire


class Entering:
    """A request on its way: `read` or `write` says into which queue. A `forward` read goes past the queue, its line
    lies in write slot `source`."""

    def __init__(self):
        self.read = wire(1)
        self.write = wire(1)
        self.forward = wire(1)
        self.request = wire(REQUEST_BITS)
        self.id = wire(ID_BITS)
        self.source = wire(SLOT_BITS)


def ports(*, read_entries: int, write_entries: int, slots: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "cmd": command_stream(),
        "reads": [wire(REQUEST_BITS) for _ in range(read_entries)],
        "read_head": index_wire(read_entries),
        "read_count": count_wire(read_entries),
        "writes": [wire(REQUEST_BITS) for _ in range(write_entries)],
        "write_head": index_wire(write_entries),
        "write_count": count_wire(write_entries),
        "leave_read": wire(1),
        "leave_write": wire(1),
        "queued": [wire(1) for _ in range(slots)],
        "returned": wire(1),
        "entering": Entering(),
    }


@block
def admission(clk, rst, cmd, reads, read_head, read_count, writes, write_head, write_count, leave_read, leave_write,
              queued, returned, entering, *, return_entries, map_name):
    """Let the oldest command in when nothing stands against it; it blocks what follows until then.

    cmd                     : stream of commands; two are held, `ready` is a register
    reads, read_head, read_count, writes, write_head, write_count : the queues: list, place of the oldest, how many
    leave_read, leave_write : 1 bit each in: a request leaves this queue
    queued                  : list of bits: write slots in use; there is a free one whenever the write queue has room
    returned                : 1 bit in: a line has left the return buffer
    entering                : Entering, out
    return_entries          : lines of the return buffer; a read takes the next one in turn
    map_name                : in ADDRESS_MAPS

    A read of a line that a queued write will change takes the youngest such write's data; a write to a line that a
    queued read has not read yet waits for that read. Latency 2, throughput one command a cycle. The request that is
    entering now already counts, in room and in hazards.
    """
    read_entries, write_entries, slots = len(reads), len(writes), len(queued)
    head, second = command_stream(), command_stream()
    level = Signal(intbv(0, min=0, max=3))
    return_slot = Signal(intbv(0, min=0, max=max(2, return_entries)))
    held = Signal(intbv(0, min=0, max=return_entries + 1))
    bank_group, bank, row, column = wire(BANK_GROUP_BITS), wire(BANK_BITS), wire(ROW_BITS), wire(COLUMN_BITS)
    where = address_map(head.line_address, bank_group, bank, row, column, map_name=map_name)

    @always_seq(clk.posedge, rst)
    def admit():
        filled = 0
        in_use = 0
        waiting = 0
        first = 0
        at = 0
        request = 0
        place = 0
        new_place = 0
        new_slot = 0
        slot = 0
        source = 0
        conflict = False
        match = False
        slot_found = False
        taken = False
        filled = int(level)
        in_use = int(held)
        if returned:
            in_use = in_use - 1
        place = (int(row) << ROW_LSB) + (int(column) << COLUMN_LSB) + int(bank) * BANK_GROUPS + int(bank_group)
        new_place = int(entering.request) & PLACE_MASK
        new_slot = int(entering.request) >> SLOT_LSB

        if filled > 0 and head.write:
            waiting = int(read_count)
            first = int(read_head)
            conflict = entering.read and new_place == place
            for i in range(read_entries):
                if i < waiting:
                    at = first + i
                    if at >= read_entries:
                        at = at - read_entries
                    if (int(reads[at]) & PLACE_MASK) == place:
                        conflict = True
            for i in range(slots):
                if not slot_found and not queued[i] and (not entering.write or new_slot != i):
                    slot_found = True
                    slot = i
            waiting = int(write_count)
            if leave_write:
                waiting = waiting - 1
            if entering.write:
                waiting = waiting + 1
            taken = not conflict and waiting < write_entries
        elif filled > 0:
            waiting = int(write_count)
            first = int(write_head)
            for i in range(write_entries):
                if i < waiting:
                    at = first + i
                    if at >= write_entries:
                        at = at - write_entries
                    request = int(writes[at])
                    if (request & PLACE_MASK) == place:
                        match = True
                        source = request >> SLOT_LSB
            if entering.write and new_place == place:
                match = True
                source = new_slot
            waiting = int(read_count)
            if leave_read:
                waiting = waiting - 1
            if entering.read:
                waiting = waiting + 1
            slot = int(return_slot)
            taken = in_use < return_entries and (match or waiting < read_entries)

        if taken or entering.read or entering.write or entering.forward:
            entering.write.next = taken and head.write
            entering.read.next = taken and not head.write and not match
            entering.forward.next = taken and not head.write and match
        if taken:
            entering.request.next = place + (slot << SLOT_LSB)
            entering.id.next = head.id
            entering.source.next = source
            if not head.write:
                in_use = in_use + 1
                return_slot.next = (int(return_slot) + 1) % return_entries
            filled = filled - 1
            if filled > 0:
                head.write.next = second.write
                head.line_address.next = second.line_address
                head.id.next = second.id
        if in_use != held:
            held.next = in_use
        if cmd.valid and cmd.ready:
            if filled == 0:
                head.write.next = cmd.write
                head.line_address.next = cmd.line_address
                head.id.next = cmd.id
            else:
                second.write.next = cmd.write
                second.line_address.next = cmd.line_address
                second.id.next = cmd.id
            filled = filled + 1
        if filled != level or not cmd.ready:
            level.next = filled
            cmd.ready.next = filled < 2

    return where, admit

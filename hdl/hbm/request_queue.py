"""The requests of one direction, the oldest first. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always, always_seq, block, intbv

from hdl.bundle import wire
from hdl.hbm.request import REQUEST_BITS


def ports(*, entries: int, now_bits: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "now": wire(now_bits),
        "enter": wire(1),
        "request": wire(REQUEST_BITS),
        "arrive": wire(1),
        "leave": wire(1),
        "position": index_wire(entries),
        "requests": [wire(REQUEST_BITS) for _ in range(entries)],
        "head": index_wire(entries),
        "oldest_stamp": wire(now_bits),
        "count": count_wire(entries),
        "ready": count_wire(entries),
    }


def index_wire(entries: int):
    """A place among `entries`."""
    return Signal(intbv(0, min=0, max=max(2, entries)))


def count_wire(entries: int):
    """How many of `entries` are in use."""
    return Signal(intbv(0, min=0, max=entries + 1))


@block
def request_queue(clk, rst, now, enter, request, arrive, leave, position, requests, head, oldest_stamp, count, ready):
    """Keep requests in order of age in a ring; when one leaves, those older than it move up to close the gap.

        head          position         head + count
          |  oldest ──────> leaves  ...  |  free
          └─ these move one place on, and so does the head

    now             : the CK, a counter that runs round
    enter, request  : 1 and 30 bits in: a request goes to the end
    arrive          : 1 bit in: the oldest request without data gets them; for reads the same as `enter`
    leave, position : in: the request at this position, counted from the oldest, one of the ready ones, leaves
    requests, head  : list of 30-bit words, and the place of the oldest, out: the next ones follow it, round the end
    oldest_stamp    : out: the CK in which the oldest became ready; anything while none is ready
    count, ready    : out: requests, and those at the front that can be served

    Latency 1; one request in and one out a cycle. Who enters must know of a free place.
    """
    entries = len(requests)
    stamps = [wire(len(now)) for _ in range(entries)]

    @always(clk.posedge)
    def move():
        first = 0
        gap = 0
        place = 0
        older = 0
        first = int(head)
        if leave:
            gap = int(position)
            older = first
            for i in range(1, entries):
                if i <= gap:
                    place = first + i
                    if place >= entries:
                        place = place - entries
                    requests[place].next = requests[older]
                    stamps[place].next = stamps[older]
                    older = place
        if enter:
            requests[(first + int(count)) % entries].next = request
        if arrive:
            stamps[(first + int(ready)) % entries].next = now

    @always_seq(clk.posedge, rst)
    def tally():
        left = 0
        left = int(ready)
        if leave:
            left = left - 1
            head.next = (int(head) + 1) % entries
            if position == 0:
                oldest_stamp.next = stamps[(int(head) + 1) % entries]
        if arrive:
            if left == 0:
                oldest_stamp.next = now
            left = left + 1
        if left != ready:
            ready.next = left
        if enter and not leave:
            count.next = count + 1
        elif leave and not enter:
            count.next = count - 1

    return move, tally

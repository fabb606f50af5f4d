"""A queue between two streams. Chapter: the sequencer and the tile mover."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import Stream, wire


def ports(**fields: int) -> dict:
    """Fresh ports of a queue whose payload has these fields (name = width)."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "src": Stream(**fields),
        "dst": Stream(**fields),
    }


@block
def fifo(clk, rst, src, dst, *, depth):
    """Keep up to `depth` payloads in order.

    src, dst : streams with the same payload fields
    depth    : payloads held, at least 2

    Latency 1 cycle, throughput one payload a cycle. `src.ready` depends on the fill level only: a full queue
    takes nothing in the cycle in which it gives.
    """
    assert depth >= 2, f"depth = {depth}: a queue holds at least 2 payloads"
    assert list(src.payload()) == list(dst.payload()), "src and dst carry the same payload fields"

    # The oldest payload stands in the registers of dst, the others in memories.
    head = Signal(intbv(0, min=0, max=depth))  # of the memories: the next payload for dst
    tail = Signal(intbv(0, min=0, max=depth))  # the first free place
    level = Signal(intbv(0, min=0, max=depth + 1))
    pass_on = wire(1)  # src goes straight to dst
    keep = wire(1)  # src goes to memory
    advance = wire(1)  # memory gives dst its next payload

    @always_comb
    def handshake():
        src.ready.next = level < depth
        dst.valid.next = level > 0

    @always_comb
    def route():
        push = False
        pop = False
        push = src.valid and level < depth
        pop = dst.ready and level > 0
        pass_on.next = push and (level == 0 or (level == 1 and pop))
        keep.next = push and not (level == 0 or (level == 1 and pop))
        advance.next = pop and level > 1

    @always_seq(clk.posedge, rst)
    def count():
        if keep:
            if tail == depth - 1:
                tail.next = 0
            else:
                tail.next = tail + 1
        if advance:
            if head == depth - 1:
                head.next = 0
            else:
                head.next = head + 1
        if (pass_on or keep) and not (dst.valid and dst.ready):
            level.next = level + 1
        elif not (pass_on or keep) and dst.valid and dst.ready:
            level.next = level - 1

    sources, sinks = src.payload(), dst.payload()
    places = [store(clk, pass_on, keep, advance, tail, head, sources[name], sinks[name], depth) for name in sources]
    return handshake, route, count, places


@block
def store(clk, pass_on, keep, advance, tail, head, datum, oldest, depth):
    """The memory of one payload field."""
    memory = [wire(len(datum)) for _ in range(depth)]

    @always(clk.posedge)
    def move():
        if keep:
            memory[int(tail)].next = datum
        if pass_on:
            oldest.next = datum
        elif advance:
            oldest.next = memory[int(head)]

    return move

"""A ring of registers, a memory, a task that writes an intbv: nothing may be found here."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import Stream

TRAPS = set()


def ports():
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "src": Stream(data=8),
        "place": Signal(intbv(0, min=0, max=5)),
        "word": Signal(intbv(0)[8:]),
        "next_place": Signal(intbv(0)[4:]),
    }


def successor(value, result):
    result[:] = (int(value) + 4) % 5


@block
def sample(clk, rst, src, place, word, next_place):
    words = [Signal(intbv(0)[8:]) for _ in range(64)]
    datum = Signal(intbv(0)[8:])
    upper = datum(8, 4)

    @always_comb
    def copy():
        datum.next = src.data

    @always_comb
    def shift():
        src.ready.next = upper != 3 and place < 4

    @always_seq(clk.posedge, rst)
    def step():
        if src.valid and src.ready:
            place.next = (place + 1) % 5

    @always(clk.posedge)
    def write():
        if src.valid:
            words[int(src.data) & 63].next = src.data

    @always_comb
    def read():
        word.next = words[int(place)]

    @always_comb
    def back():
        result = intbv(0)[4:]
        successor(place, result)
        next_place.next = result

    return copy, shift, step, write, read, back

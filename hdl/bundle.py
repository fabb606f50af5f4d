"""The interface types: the only bundles that cross a block's boundary.

Stream: a one-way flow of payloads with back-pressure. Its four rules:

1. A transfer happens at a rising clock edge where `valid` and `ready` are both high.
2. `valid` never waits for `ready`: a source offers its payload whether or not the sink is ready.
3. Once `valid` is high, it and the payload hold still until the transfer.
4. After reset `valid` is low.

`hdl/bench/contract.py` checks all four on every stream of every bench. Everything else in this project
says only "a stream".

MemoryPort: three streams to a memory of 32-byte lines. Reads of one `id` return in order; between ids any
order is allowed. `wdata` beats follow the order of the write commands. A read accepted after a write to the
same line returns the new data. `error` marks poisoned data.
"""

from myhdl import Signal, intbv

LINE_BITS = 256  # a line, and a beat: 32 bytes
ADDRESS_BITS = 23  # line addresses: 2**23 lines of 32 bytes = 256 MiB
ID_BITS = 4


def wire(width: int):
    """A fresh unsigned signal of `width` bits (a bool signal for one bit), initially zero."""
    return Signal(bool(0)) if width == 1 else Signal(intbv(0)[width:])


class Stream:
    """`valid`, `ready` and one signal per payload field: `Stream(data=256, id=4)`."""

    def __init__(self, **fields: int):
        self.valid = wire(1)
        self.ready = wire(1)
        for name, width in fields.items():
            setattr(self, name, wire(width))

    def payload(self) -> dict:
        """The payload signals by field name, in declaration order."""
        return {name: signal for name, signal in vars(self).items() if name not in ("valid", "ready")}


def command_stream() -> Stream:
    """A MemoryPort's command: `write` (1: write, 0: read), a line address and an id."""
    return Stream(write=1, line_address=ADDRESS_BITS, id=ID_BITS)


class MemoryPort:
    """`cmd` and `wdata` flow to the memory, `rdata` flows back."""

    def __init__(self):
        self.cmd = command_stream()
        self.wdata = Stream(data=LINE_BITS)
        self.rdata = Stream(data=LINE_BITS, id=ID_BITS, error=1)

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

HbmCommandBus: the command pins of one HBM3 channel, sampled once a CK: a row slot at the rising edge, a row slot at
the falling edge, a column slot. An ACT stands in `rise`, and also owns `fall` of its CK and `rise` of the next; a
precharge stands in `fall`, a refresh in `rise`. Every gap counts from the CK in which a command starts.

HbmDataBus: the DQ pins of one pseudo-channel, 128 bits a CK each way, so that a line takes two. `drive` says that the
controller drives them. The sideband `ecc`, 16 bits a line, carries nothing yet.
"""

from myhdl import Signal, intbv

LINE_BITS = 256  # a line, and a beat: 32 bytes
ADDRESS_BITS = 23  # line addresses: 2**23 lines of 32 bytes = 256 MiB
ID_BITS = 4

OP_BITS = 4  # command codes: `zhenwu/spec/hbm3.py`
PSEUDO_CHANNEL_BITS, STACK_ID_BITS = 1, 2
BANK_GROUP_BITS, BANK_BITS = 2, 2
ROW_BITS, COLUMN_BITS = 14, 5
DQ_BITS = 128  # of a pseudo-channel in one CK: half a line
DQ_ECC_BITS = 8


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


class CommandSlot:
    """One slot of the command bus: `op` (0: no command) and what it names, a row or a column last."""

    def __init__(self, **last: int):
        self.op = wire(OP_BITS)
        self.pseudo_channel = wire(PSEUDO_CHANNEL_BITS)
        self.stack_id = wire(STACK_ID_BITS)
        self.bank_group = wire(BANK_GROUP_BITS)
        self.bank = wire(BANK_BITS)
        for name, width in last.items():
            setattr(self, name, wire(width))


class HbmCommandBus:
    """`rise`, `fall` and `column`, all driven by the controller."""

    def __init__(self):
        self.rise = CommandSlot(row=ROW_BITS)
        self.fall = CommandSlot(row=ROW_BITS)
        self.column = CommandSlot(column=COLUMN_BITS)


class HbmDataBus:
    """`write` and `drive` from the controller, `read` from the device."""

    def __init__(self):
        self.write = wire(DQ_BITS)
        self.write_ecc = wire(DQ_ECC_BITS)
        self.drive = wire(1)
        self.read = wire(DQ_BITS)
        self.read_ecc = wire(DQ_ECC_BITS)

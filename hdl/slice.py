"""The slice: a compute tile on its memory controller, from a program to the pins of one HBM3 pseudo-channel.

    code ─> [ tile ] ══ MemoryPort ══ [ controller ] ─> command bus, DQ

The smallest whole that multiplies matrices which lie in DRAM. Chapter: a slice that runs a matmul.
"""

from myhdl import ResetSignal, Signal, block

from hdl.bundle import HbmCommandBus, HbmDataBus, MemoryPort, Stream, wire
from hdl.hbm.controller import controller
from hdl.tile.sequencer import INDEX_BITS
from hdl.tile.tile import tile
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "code": Stream(index=INDEX_BITS, word=INSTRUCTION_BITS),
        "start": wire(1),
        "length": wire(INDEX_BITS),
        "done": wire(1),
        "status": wire(STATUS_BITS),
        "bus": HbmCommandBus(),
        "dq": HbmDataBus(),
    }


@block
def slice(clk, rst, code, start, length, done, status, bus, dq, *, tile_sizes, controller_sizes):
    """Run programs on matrices in one pseudo-channel.

    code, start, length, done, status : as in `tile`
    bus, dq                           : HbmCommandBus and HbmDataBus, as in `controller`

    tile_sizes, controller_sizes      : arguments of `tile` and of `controller`

    After `done` stores may still wait in the controller: what is loaded afterwards sees them, the device does not yet.
    """
    port = MemoryPort()
    compute = tile(clk, rst, code, start, length, done, status, port, **tile_sizes)
    memory = controller(clk, rst, port, bus, dq, **controller_sizes)
    return compute, memory

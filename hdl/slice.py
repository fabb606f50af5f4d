"""The slice: a compute tile on its memory controller, from a program to the pins of one HBM3 pseudo-channel.

    code ─> [ tile ] ══ MemoryPort ══ [ controller ] ─> command bus, DQ

The smallest whole that multiplies matrices which lie in DRAM. Chapter: a slice that runs a matmul.
"""

from myhdl import block

from hdl.bundle import HbmCommandBus, HbmDataBus, MemoryPort
from hdl.hbm.controller import controller
from hdl.tile.tile import ports as tile_ports
from hdl.tile.tile import tile


def ports() -> dict:
    """Fresh ports: the tile's, with the pins of a pseudo-channel in place of its memory port."""
    outer = tile_ports()
    del outer["port"]
    return outer | {"bus": HbmCommandBus(), "dq": HbmDataBus()}


@block
def slice(clk, rst, code, start, length, done, status, counts, bus, dq, *, tile_sizes, controller_sizes):
    """Run programs on matrices in one pseudo-channel.

    code, start, length, done, status, counts : as in `tile`
    bus, dq                           : HbmCommandBus and HbmDataBus, as in `controller`

    tile_sizes, controller_sizes      : arguments of `tile` and of `controller`

    After `done` stores may still wait in the controller: what is loaded afterwards sees them, the device does not yet.
    """
    port = MemoryPort()
    compute = tile(clk, rst, code, start, length, done, status, counts, port, **tile_sizes)
    memory = controller(clk, rst, port, bus, dq, **controller_sizes)
    return compute, memory

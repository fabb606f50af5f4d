"""The designs: every block at the sizes at which its Verilog is written, checked and replayed."""

import importlib
from types import ModuleType
from typing import NamedTuple

from zhenwu.spec.tile import SIM_TILE


class DesignError(Exception):
    """One sentence on a design that does not exist or has no legal Verilog."""


class Design(NamedTuple):
    """A block and its sizes: `block(**ports(**port_sizes), **parameters)`."""

    name: str  # of the Verilog module and file
    module: str  # where the block stands; its last part names the block function
    port_sizes: dict = {}
    parameters: dict = {}

    @property
    def source(self) -> str:
        """The Python file, relative to the repository."""
        return self.module.replace(".", "/") + ".py"

    @property
    def block(self) -> str:
        """The name of the block function."""
        return self.module.rpartition(".")[2]


def of_tile(*names: str) -> dict[str, int]:
    """Sizes of the tile that `make sim` runs."""
    return {name: int(getattr(SIM_TILE, name).value) for name in names}


HALF = of_tile("half_steps")
ARRAY = of_tile("rows", "cols")
SMALL_ARRAY = {"rows": 2, "cols": 2}
COLS = of_tile("cols")
SLOTS = {"slots": 2 * int(SIM_TILE.subtiles.value)}  # accumulators of a dot unit, double-buffered
BANKS = {"banks": ARRAY["rows"]} | HALF
TILE = ARRAY | HALF | of_tile("program_depth", "queue_depth", "outstanding")

DESIGNS = (
    Design("e2m1_decode", "hdl.numerics.e2m1_decode"),
    Design("e8m0_decode", "hdl.numerics.e8m0_decode"),
    Design("mx_dot", "hdl.numerics.mx_dot"),
    Design("scale_round", "hdl.numerics.scale_round"),
    Design("fp32_add", "hdl.numerics.fp32_add"),
    Design("mx_quantise", "hdl.numerics.mx_quantise"),
    Design("fifo", "hdl.stream.fifo", {"word": 128}, {"depth": TILE["queue_depth"]}),  # a queue of instructions
    Design("arbiter", "hdl.stream.arbiter"),
    Design("dot_unit", "hdl.tile.dot_unit", SLOTS, SLOTS),
    Design("mac_array", "hdl.tile.mac_array", ARRAY | HALF, ARRAY),
    Design("mac_array_2x2", "hdl.tile.mac_array", SMALL_ARRAY | HALF, SMALL_ARRAY),
    Design("mma_issue", "hdl.tile.mma_issue", ARRAY | HALF, ARRAY | HALF),
    Design("drain", "hdl.tile.drain", ARRAY, ARRAY),
    Design("operand_banks", "hdl.tile.operand_banks", BANKS, BANKS),
    Design("scratchpad", "hdl.tile.scratchpad", ARRAY | HALF, ARRAY | HALF),
    Design("mover", "hdl.tile.mover", {}, of_tile("outstanding")),
    Design("store_path", "hdl.tile.store_path", COLS, COLS),
    Design("sequencer", "hdl.tile.sequencer", {}, of_tile("program_depth") | HALF),
    Design("tile", "hdl.tile.tile", {}, TILE),
)


def design(name: str) -> Design:
    """The design of this name; an unknown one raises DesignError."""
    for entry in DESIGNS:
        if entry.name == name:
            return entry
    raise DesignError(f"no design is named {name!r}: expected one of {', '.join(entry.name for entry in DESIGNS)}")


def fresh_ports(entry: Design) -> dict:
    """Unconnected ports of the design, by argument name of its block."""
    return loaded(entry).ports(**entry.port_sizes)


def elaborate(entry: Design):
    """A fresh instance of the design's block, and the ports that it is connected to."""
    pins = fresh_ports(entry)
    return getattr(loaded(entry), entry.block)(**pins, **entry.parameters), pins


def loaded(entry: Design) -> ModuleType:
    """The module of the design's block; DesignError if there is none."""
    try:
        return importlib.import_module(entry.module)
    except ModuleNotFoundError as error:
        raise DesignError(f"{entry.name}: there is no module {error.name}, expected {entry.source}") from None

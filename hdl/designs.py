"""The designs: every block at the sizes at which its Verilog is written, checked and replayed."""

import importlib
from types import ModuleType
from typing import NamedTuple

from hdl.hbm.controller import act_window, clock_bits, gaps
from hdl.hbm.request import BANKS
from hdl.hbm.scheduler import BANK_KINDS
from hdl.hbm.timing_gate import KINDS
from hdl.pin_shape import fresh
from hdl.wide_ports import widened
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES
from zhenwu.spec.hbm_controller import CONTROLLER, write_slots
from zhenwu.spec.mma_formats import ALL_FORMATS
from zhenwu.spec.tile import SIM_TILE, SLICE_FORMATS


class DesignError(Exception):
    """One sentence on a design that does not exist or has no legal Verilog."""


class Design(NamedTuple):
    """A block and its sizes: `block(**ports(**port_sizes), **parameters)`."""

    name: str  # of the Verilog module and file
    module: str  # where the block stands; its last part names the block function
    port_sizes: dict = {}
    parameters: dict = {}
    shapes: dict | None = None  # of its pins, where a bench made them otherwise than by `ports`

    @property
    def source(self) -> str:
        """The Python file, relative to the repository."""
        return self.module.replace(".", "/") + ".py"

    @property
    def command(self) -> str:
        """What writes its Verilog."""
        if self in DESIGNS:
            return f"python -m hdl.emit {self.name}"
        return "hdl/emit.py with " + ", ".join(f"{name} = {value}" for name, value in self.parameters.items())

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
LATENCY = {"latency": int(SIM_TILE.adder_latency)}
FORMATS = {"formats": ALL_FORMATS}
SLOTS = {"slots": 2 * int(SIM_TILE.subtiles.value)}  # accumulators of a dot unit, double-buffered
DOT = FORMATS | LATENCY
OPERAND_BANKS = {"banks": ARRAY["rows"]} | HALF
SIZES = ARRAY | HALF | of_tile("program_depth", "queue_depth", "outstanding") | LATENCY
FULL_TILE = SIZES | FORMATS
TILE = SIZES | {"formats": SLICE_FORMATS}  # as it stands in the slice

# The controller at the size of the quick tests, and its blocks at the sizes that they have in it
ENTRIES = 16
QUEUES = {"read_entries": ENTRIES, "write_entries": ENTRIES}
WRITE_SLOTS = {"slots": write_slots(HBM3_6400, ENTRIES)}
RETURN_ENTRIES = int(CONTROLLER.return_entries)
MAX_AGE = int(CONTROLLER.max_age)
MAP = {"map_name": CONTROLLER.address_map.value}
NOW = {"now_bits": clock_bits(HBM3_6400, ENTRIES, ENTRIES, MAX_AGE)}
BANK_GATES = [gaps(TIMING_RULES, HBM3_6400, kind, "bank") for kind in KINDS[:BANK_KINDS]]
WINDOW = dict(zip(("window", "gap"), act_window(TIMING_RULES, HBM3_6400), strict=True))
WATERMARKS = dict(zip(("high", "low"), CONTROLLER.watermarks(ENTRIES), strict=True))
REFRESH_CK = HBM3_6400.total("nREFI")
REFRESH = {"interval": REFRESH_CK, "start": REFRESH_CK, "enable": True}
LATENCIES = {"read_latency": HBM3_6400.total("nCL"), "write_latency": HBM3_6400.total("nCWL")}

DESIGNS = (
    Design("e2m1_decode", "hdl.numerics.e2m1_decode"),
    Design("e8m0_decode", "hdl.numerics.e8m0_decode"),
    Design("mx_dot", "hdl.numerics.mx_dot"),
    Design("scale_round", "hdl.numerics.scale_round"),
    Design("fp32_add", "hdl.numerics.fp32_add"),
    Design("fp32_add_pipelined", "hdl.numerics.fp32_add_pipelined", {}, {"latency": 4}),
    Design("lane_dot", "hdl.numerics.lane_dot", {}, FORMATS),
    Design("term_round", "hdl.numerics.term_round"),
    Design("block_scale", "hdl.numerics.block_scale"),
    Design("mx_quantise", "hdl.numerics.mx_quantise"),
    Design("fifo", "hdl.stream.fifo", {"word": 128}, {"depth": TILE["queue_depth"]}),  # a queue of instructions
    Design("arbiter", "hdl.stream.arbiter"),
    Design("dot_unit", "hdl.tile.dot_unit", SLOTS, SLOTS | DOT),
    Design("dot_unit_mxfp4", "hdl.tile.dot_unit", SLOTS, SLOTS | {"formats": SLICE_FORMATS} | LATENCY),
    Design("mac_array", "hdl.tile.mac_array", ARRAY | HALF, ARRAY | DOT),
    Design("mac_array_2x2", "hdl.tile.mac_array", SMALL_ARRAY | HALF, SMALL_ARRAY | DOT),
    Design("mma_issue", "hdl.tile.mma_issue", ARRAY | HALF, ARRAY | HALF | LATENCY),
    Design("drain", "hdl.tile.drain", ARRAY, ARRAY),
    Design("operand_banks", "hdl.tile.operand_banks", OPERAND_BANKS, OPERAND_BANKS),
    Design("scratchpad", "hdl.tile.scratchpad", ARRAY | HALF, ARRAY | HALF),
    Design("residual_buffer", "hdl.tile.residual_buffer"),
    Design("residual_add", "hdl.tile.residual_add", COLS, COLS),
    Design("mx_lines", "hdl.tile.mx_lines"),
    Design("counters", "hdl.tile.counters"),
    Design("mover", "hdl.tile.mover", {}, of_tile("outstanding")),
    Design("store_path", "hdl.tile.store_path", COLS, COLS),
    Design("trap_check", "hdl.tile.trap_check", {}, HALF | FORMATS),
    Design("sequencer", "hdl.tile.sequencer", {}, of_tile("program_depth") | HALF | FORMATS),
    Design("tile", "hdl.tile.tile", {}, FULL_TILE),
    Design("address_map", "hdl.hbm.address_map", {}, MAP),
    Design("timing_gate", "hdl.hbm.timing_gate", {"lanes": BANKS, "kinds": BANK_KINDS} | NOW,
           {"lanes": BANKS, "gaps": BANK_GATES}),
    Design("activate_window", "hdl.hbm.activate_window", NOW, WINDOW),
    Design("bank_machine", "hdl.hbm.bank_machine"),
    Design("request_queue", "hdl.hbm.request_queue", {"entries": ENTRIES} | NOW),
    Design("direction", "hdl.hbm.direction", QUEUES | NOW, WATERMARKS | {"max_age": MAX_AGE}),
    Design("refresher", "hdl.hbm.refresher", {}, REFRESH),
    Design("scheduler", "hdl.hbm.scheduler", QUEUES, {"precharge_pause": True}),
    Design("admission", "hdl.hbm.admission", QUEUES | WRITE_SLOTS, {"return_entries": RETURN_ENTRIES} | MAP),
    Design("write_buffer", "hdl.hbm.write_buffer", {"entries": ENTRIES} | WRITE_SLOTS),
    Design("return_buffer", "hdl.hbm.return_buffer", WRITE_SLOTS, {"entries": RETURN_ENTRIES}),
    Design("dq_path", "hdl.hbm.dq_path", WRITE_SLOTS | NOW, LATENCIES),
    Design("controller", "hdl.hbm.controller", {}, QUEUES),
    Design("slice", "hdl.slice", {}, {"tile_sizes": TILE, "controller_sizes": QUEUES}),
    Design("controller_harness", "hdl.harness.controller_harness", {}, {"controller_sizes": QUEUES}),
    Design("tile_harness", "hdl.harness.tile_harness", {}, TILE),
    Design("slice_harness", "hdl.harness.slice_harness", {}, {"tile_sizes": TILE, "controller_sizes": QUEUES}),
)


def design(name: str) -> Design:
    """The design of this name; an unknown one raises DesignError."""
    for entry in DESIGNS:
        if entry.name == name:
            return entry
    raise DesignError(f"no design is named {name!r}: expected one of {', '.join(entry.name for entry in DESIGNS)}")


def fresh_ports(entry: Design) -> dict:
    """Unconnected ports of the design, by argument name of its block."""
    if entry.shapes is not None:
        return {name: fresh(form) for name, form in entry.shapes.items()}
    return loaded(entry).ports(**entry.port_sizes)


def elaborate(entry: Design):
    """A fresh instance of the design's block, and the ports that it is connected to, a wide one for each list."""
    block = getattr(loaded(entry), entry.block)
    return widened(block, fresh_ports(entry), entry.parameters)


def loaded(entry: Design) -> ModuleType:
    """The module of the design's block; DesignError if there is none."""
    try:
        return importlib.import_module(entry.module)
    except ModuleNotFoundError as error:
        raise DesignError(f"{entry.name}: there is no module {error.name}, expected {entry.source}") from None

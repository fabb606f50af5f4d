"""The compute tile's sizes: what T-Head published of its compute unit, and what we chose for the rest.

`TILE` is the tile as specified, `SIM_TILE` the same tile with a scratchpad small enough to fill, overflow and
double-buffer within the minute that `make sim` takes. Chapter: the array and its utilisation.
"""

from dataclasses import dataclass, replace

from zhenwu.spec import formats, isa, m890, mma_formats, ppu
from zhenwu.spec.hbm3 import HBM_CK_PERIOD
from zhenwu.spec.sourced import Sourced

OPERANDS = 2  # A and B
HALVES = 2  # the mover fills one while the array reads the other


def ours(value: int | float | str, unit: str, key: str, why: str) -> Sourced:
    """A size that nobody has published and we chose, with the reason."""
    return Sourced(value, unit, f"ours: {why}", "assumed", key=key)


@dataclass(frozen=True)
class TileSpec:
    """One compute tile: a `rows x cols` array of dot units, its scratchpad, queues and clock."""

    rows: Sourced  # dot units down, one per row of an output sub-tile
    cols: Sourced
    slice_bits: Sourced  # operand bits that a dot unit takes per cycle
    step_rows: Sourced  # m and n of one MMA step
    step_k: Sourced  # its k, in MXFP4 elements
    scratchpad_bytes: Sourced  # element planes of both operands, both halves
    program_depth: Sourced
    queue_depth: Sourced  # instructions waiting at each of load, mma and store
    outstanding: Sourced  # reads that the mover has asked for and not yet received
    adder_latency: Sourced  # cycles of an accumulator's loop through the adder
    clock_period: Sourced

    @property
    def lanes(self) -> Sourced:
        """MXFP4 products per dot unit and cycle."""
        return (self.slice_bits / ELEMENT_BITS).named("tile.lanes")

    @property
    def subtiles(self) -> Sourced:
        """Output sub-tiles of one step: as many accumulations are in flight in each dot unit."""
        return (self.step_rows * self.step_rows / self.rows / self.cols).named("tile.subtiles")

    @property
    def step_bytes(self) -> Sourced:
        """Element bytes of one step of one operand."""
        return (self.step_rows * self.step_k * ELEMENT_BITS).to("B").named("tile.step_bytes")

    @property
    def half_steps(self) -> Sourced:
        """Steps that one half of one operand's scratchpad holds."""
        return (self.scratchpad_bytes / (self.step_bytes * OPERANDS * HALVES)).named("tile.half_steps")

    @property
    def macs_per_cycle(self) -> Sourced:
        """MXFP4 multiply-accumulates per cycle: the array's bound."""
        return (self.rows * self.cols * self.lanes).named("tile.macs_per_cycle")


ELEMENT_BITS = Sourced(
    1 + formats.E2M1.exponent_bits + formats.E2M1.mantissa_bits, "bit", m890.FP4_FORMAT.source, "published",
    key="mxfp4.element_bits", note="Sign, exponent and mantissa of E2M1.",
)
STEP_ROWS = Sourced(
    isa.STEP_ROWS, "", m890.MMA_SHAPES.source, "published", key="tile.step_rows", note="m16n16 of every MMA shape.",
)
STEP_K = Sourced(
    mma_formats.MXFP4_OPERAND.line_elements, "", m890.MMA_SHAPES.source, "published",
    key="tile.step_k", note="k64 of mma.mx: two blocks of 32.",
)

CLOCK_PERIOD = Sourced(
    HBM_CK_PERIOD.value, "ns", "ours: one clock for the tile and its memory controller, so that no block crosses a "
    "clock domain; T-Head publishes no tile clock", "assumed",
    key="tile.clock_period", inputs=(HBM_CK_PERIOD,),
)
INSTRUCTION_SET = ours(
    isa.INSTRUCTION_BITS, "bit", "tile.instruction_set", "load, mma, store and wait as encoded in zhenwu/spec/isa.py; "
    "T-Head publishes the MMA shapes, not the instructions"
)
SIM_SCRATCHPAD_BYTES = ours(
    16 * 1024, "B", "tile.sim_scratchpad_bytes", "a 64 x 128 x 128 matmul then refills each half several times"
)

TILE = TileSpec(
    rows=ours(4, "", "tile.rows", "16 sub-tiles of an m16n16 step hide a 16-cycle adder loop, and MyHDL still runs it "
              "at hundreds of cycles a second"),
    cols=ours(4, "", "tile.cols", "square, so that A and B banks are read at one rate"),
    slice_bits=ours(128, "bit", "tile.slice_bits", "one block of 32 MXFP4 elements, and half a 32-byte memory line"),
    step_rows=STEP_ROWS,
    step_k=STEP_K,
    scratchpad_bytes=ppu.SMEM_PER_CU.to("B").named("tile.scratchpad_bytes", "The unit's shared memory, all of it."),
    program_depth=ours(256, "", "tile.program_depth", "a 64 x 128 x 128 matmul and its edges fit"),
    queue_depth=ours(2, "", "tile.queue_depth", "one instruction runs while the next waits"),
    outstanding=ours(64, "", "tile.outstanding", "more lines than the HBM latency of up to 79 cycles takes at a line "
                     "in two cycles"),
    adder_latency=ours(4, "", "tile.adder_latency", "align, add, normalise and round in a cycle each; an 8 x 8 array "
                       "has four sub-tiles in flight, and no fewer would hide it"),
    clock_period=CLOCK_PERIOD,
)
SIM_TILE = replace(TILE, scratchpad_bytes=SIM_SCRATCHPAD_BYTES, adder_latency=ours(
    1, "", "tile.sim_adder_latency", "the adder in one cycle, which runs fastest in simulation; `make sim` also runs 4"
))
SLICE_FORMATS = ("mxfp4",)  # built into the tile of the slice: the smallest that multiplies

# The ideal memory that the tile sits on until it is joined with the controller
SIM_MEMORY_LATENCY = ours(
    32, "", "tile.sim_memory_latency", "cycles from a read's acceptance to its data: between the row hit (22) and the "
    "row miss (53) of an HBM3 controller"
)
SIM_MEMORY_CYCLES_PER_LINE = ours(
    1, "", "tile.sim_memory_cycles_per_line", "twice an HBM3 pseudo-channel's rate, so that the array and not the "
    "memory limits a matmul of 64 x 128 x 128"
)

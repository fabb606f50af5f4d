"""The slice between a host that lives on draws and a device, in a closed loop. Chapter: down to Verilog.

    seed ─> draws ──> host ══ code, start, done ══ [ slice ] ── command bus, DQ ── slice_device
                                                       └──── all pins ────> signature

Whoever simulates it needs a clock and looks at 32 bits. What they must be in each cycle is computed by
`zhenwu/cosim/harness/slice.py`.
"""

from collections.abc import Mapping

from myhdl import ConcatSignal, ResetSignal, block

from hdl.bundle import HbmCommandBus, HbmDataBus, Stream, wire
from hdl.harness import loop
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.signature import signature as misr
from hdl.harness.slice_device import slice_device
from hdl.harness.slice_pins import MEMORY_WORDS, memory_words
from hdl.harness.tile_pins import HOST_WORDS, host_words
from hdl.harness.tile_traffic import tile_traffic
from hdl.harness.turned_words import turned_words
from hdl.slice import slice
from hdl.tile.counters import Counts
from hdl.tile.sequencer import INDEX_BITS
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS

REST_BITS = 14  # a reset in 2**14 cycles: two or three refreshes


def ports() -> dict:
    """Fresh ports, those of every harness."""
    return loop.ports()


@block
def slice_harness(clk, rst, wipe, seed, restless, signature, *, tile_sizes: Mapping, controller_sizes: Mapping):
    """Run random programs on a slice for ever, all of them in MXFP4, stored as float32.

    rst, wipe : 1 bit in, both high for the first 2 cycles or more: `wipe` forgets what the device holds
    seed      : 31 bits in, read while `rst` is high: which programs
    restless  : 1 bit in, held: a reset of slice, host and device comes now and then
    signature : 32 bits out, of all pins since `rst`; in each cycle up to the one before

    sizes as in `slice`
    """
    code = Stream(index=INDEX_BITS, word=INSTRUCTION_BITS)
    start, length, done, status = wire(1), wire(INDEX_BITS), wire(1), wire(STATUS_BITS)
    bus, dq = HbmCommandBus(), HbmDataBus()
    counts = Counts()
    draw = wire(DRAW_BITS)
    reset = ResetSignal(0, active=1, isasync=False)
    host_pins, memory_pins = wire(HOST_WORDS * SIGNATURE_BITS), wire(MEMORY_WORDS * SIGNATURE_BITS)
    pins = ConcatSignal(*turned_words(memory_pins, HOST_WORDS), *turned_words(host_pins, 0))

    drive = tile_traffic(clk, rst, seed, restless, draw, reset, code, start, length, done,
                         half_steps=tile_sizes["half_steps"], rest_bits=REST_BITS)
    dut = slice(clk, reset, code, start, length, done, status, counts, bus, dq, tile_sizes=tile_sizes,
                controller_sizes=controller_sizes)
    latencies = {"read_latency": HBM3_6400.total("nCL"), "write_latency": HBM3_6400.total("nCWL")}
    memory = slice_device(clk, reset, wipe, bus, dq, **latencies)
    look = [host_words(code, start, length, done, status, counts, host_pins), memory_words(bus, dq, memory_pins)]
    fold = misr(clk, rst, pins, signature, words=HOST_WORDS + MEMORY_WORDS)
    return drive, dut, memory, look, fold

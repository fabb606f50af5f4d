"""The tile between a host and a memory that live on draws, in a closed loop. Chapter: down to Verilog.

    seed ─> draws ─┬─> host ══ code, start, done ══ [ tile ] ══ MemoryPort ══ tile_memory
                   └─> stalls                           └───── all pins ────> signature

Whoever simulates it needs a clock and looks at 32 bits. What they must be in each cycle is computed by
`zhenwu/cosim/harness/tile.py`.
"""

from myhdl import ConcatSignal, ResetSignal, block

from hdl.bundle import MemoryPort, Stream, wire
from hdl.harness import loop
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.signature import signature as misr
from hdl.harness.tile_memory import tile_memory
from hdl.harness.tile_pins import HOST_WORDS, PORT_WORDS, host_words, port_words
from hdl.harness.tile_traffic import tile_traffic
from hdl.harness.turned_words import turned_words
from hdl.tile.counters import Counts
from hdl.tile.sequencer import INDEX_BITS
from hdl.tile.tile import tile
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS

REST_BITS = 11  # a reset in 2**11 cycles, the length of a program or two


def ports() -> dict:
    """Fresh ports, those of every harness."""
    return loop.ports()


@block
def tile_harness(clk, rst, wipe, seed, restless, signature, *, rows, cols, half_steps, program_depth, queue_depth,
                 outstanding, formats, latency):
    """Run random programs on a tile for ever, all of them in MXFP4, stored as float32.

    rst, wipe : 1 bit in, both high for the first 2 cycles or more: `wipe` forgets what memory holds
    seed      : 31 bits in, read while `rst` is high: which programs, which stalls
    restless  : 1 bit in, held: a reset of tile, host and port comes now and then
    signature : 32 bits out, of all pins since `rst`; in each cycle up to the one before

    sizes as in `tile`
    """
    code = Stream(index=INDEX_BITS, word=INSTRUCTION_BITS)
    start, length, done, status = wire(1), wire(INDEX_BITS), wire(1), wire(STATUS_BITS)
    port = MemoryPort()
    counts = Counts()
    draw = wire(DRAW_BITS)
    reset = ResetSignal(0, active=1, isasync=False)
    host_pins, port_pins = wire(HOST_WORDS * SIGNATURE_BITS), wire(PORT_WORDS * SIGNATURE_BITS)
    pins = ConcatSignal(*turned_words(port_pins, HOST_WORDS), *turned_words(host_pins, 0))

    drive = tile_traffic(clk, rst, seed, restless, draw, reset, code, start, length, done, half_steps=half_steps,
                         rest_bits=REST_BITS)
    dut = tile(clk, reset, code, start, length, done, status, counts, port, rows=rows, cols=cols, half_steps=half_steps,
               program_depth=program_depth, queue_depth=queue_depth, outstanding=outstanding, formats=formats,
               latency=latency)
    memory = tile_memory(clk, reset, wipe, draw, port)
    look = [host_words(code, start, length, done, status, counts, host_pins), port_words(port, port_pins)]
    fold = misr(clk, rst, pins, signature, words=HOST_WORDS + PORT_WORDS)
    return drive, dut, memory, look, fold

"""A memory controller in a closed loop that a compiled simulator runs, with a signature of its pins.

    lfsr ──> manner, traffic ══ MemoryPort ══ [ controller ] ── command bus, DQ ── device
                                     └──────────────┬────────────────┘
                                               signature

`zhenwu/cosim/harness/controller.py` is the same in Python, round the cycle model. Chapter: down to Verilog.
"""

from myhdl import always_comb, block

from hdl.bundle import HbmCommandBus, HbmDataBus, MemoryPort, wire
from hdl.harness import loop
from hdl.harness import signature as signatures
from hdl.harness.controller_pins import WORDS, controller_pins
from hdl.harness.device import device
from hdl.harness.lfsr import DRAW_BITS, lfsr
from hdl.harness.manner import manner, restart_signal
from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.traffic import traffic
from hdl.hbm.controller import controller
from zhenwu.spec.hbm3 import HBM3_6400

SALTS = {"draw": 0x13579BDF, "beat_draw": 0x2468ACE1, "manner_draw": 0x0F1E2D3C}


def ports() -> dict:
    """Fresh ports, those of every harness."""
    return loop.ports()


@block
def controller_harness(clk, rst, wipe, seed, restless, signature, *, controller_sizes):
    """Run a controller under traffic drawn from `seed`, for ever.

    wipe      : 1 bit in: the device forgets all lines; high with the first `rst`, since no reset clears them
    seed      : 31 bits in, read under `rst`
    restless  : 1 bit in: about every 16,000 cycles the controller, its traffic and the device's banks are reset
    signature : 32 bits out: of what the pins showed since `rst`, but for the cycles of resets inside

    controller_sizes : arguments of `controller`
    """
    port, bus, dq = MemoryPort(), HbmCommandBus(), HbmDataBus()
    draw, beat_draw, manner_draw, present_manner = (wire(DRAW_BITS) for _ in range(4))
    restart = restart_signal()
    pins, counted = wire(WORDS * SIGNATURE_BITS), wire(WORDS * SIGNATURE_BITS)

    registers = [
        lfsr(clk, rst, seed, draw, salt=SALTS["draw"]),
        lfsr(clk, rst, seed, beat_draw, salt=SALTS["beat_draw"]),
        lfsr(clk, rst, seed, manner_draw, salt=SALTS["manner_draw"]),
    ]
    turn = manner(clk, rst, restless, manner_draw, present_manner, restart)
    master = traffic(clk, restart, present_manner, draw, beat_draw, port)
    dut = controller(clk, restart, port, bus, dq, **controller_sizes)
    latencies = {"read_latency": HBM3_6400.total("nCL"), "write_latency": HBM3_6400.total("nCWL")}
    memory = device(clk, restart, wipe, bus, dq, **latencies)
    gather = controller_pins(port, bus, dq, pins)

    @always_comb
    def gate():
        counted.next = 0
        if not restart:
            counted.next = pins

    fold = signatures.signature(clk, rst, counted, signature, words=WORDS)
    return registers, turn, master, dut, memory, gather, gate, fold

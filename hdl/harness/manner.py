"""How the traffic behaves for the next 1,024 cycles, and when all is reset. Chapter: down to Verilog."""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bundle import wire
from hdl.harness.lfsr import DRAW_BITS

EPOCH = 1024  # cycles
COUNT_BITS = (EPOCH - 1).bit_length()
RESET_CYCLES = 2
CHANCE_LSB, CHANCE = 27, 16  # one in so many epochs begins with a reset: a field of the manner


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "restless": wire(1),
        "draw": wire(DRAW_BITS),
        "value": wire(DRAW_BITS),
        "restart": restart_signal(),
    }


def restart_signal() -> ResetSignal:
    """A reset made inside: high under `rst` and for a while after it."""
    return ResetSignal(1, active=1, isasync=False)


@block
def manner(clk, rst, restless, draw, value, restart):
    """Draw a new manner at the end of each epoch, the first right after `rst`, and now and then a reset with it.

    restless : 1 bit in: resets are drawn
    draw     : 31 bits in
    value    : 31 bits out, the manner; whoever behaves reads its fields
    restart  : ResetSignal out: high from `rst` on, and for the first 2 cycles of an epoch with a reset
    """
    count = Signal(intbv(EPOCH - 1)[COUNT_BITS:])

    @always_seq(clk.posedge, rst)
    def turn():
        bits = 0
        bits = int(draw)
        count.next = (int(count) + 1) % EPOCH
        if count == EPOCH - 1:
            value.next = bits
            restart.next = restless and (bits >> CHANCE_LSB) % CHANCE == 0
        elif count == RESET_CYCLES - 1:
            restart.next = False

    return turn

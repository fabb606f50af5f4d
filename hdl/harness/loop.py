"""The pins of every harness: a closed loop needs a clock, resets and a seed, and shows a signature."""

from myhdl import ResetSignal, Signal

from hdl.bundle import wire
from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.signature import SIGNATURE_BITS


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "wipe": wire(1),
        "seed": wire(DRAW_BITS),
        "restless": wire(1),
        "signature": wire(SIGNATURE_BITS),
    }

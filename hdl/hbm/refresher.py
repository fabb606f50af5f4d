"""When the banks must be refreshed. Chapter: refresh, ECC and 35 hours."""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bundle import OP_BITS, wire
from zhenwu.spec.hbm3 import REFAB


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "rise_op": wire(OP_BITS),
        "due": wire(1),
    }


@block
def refresher(clk, rst, rise_op, due, *, interval, start, enable):
    """Call for an all-bank refresh.

    rise_op  : the command in the rising row slot
    due      : 1 bit out: from the CK in which a refresh falls due until its REFab is on the pins
    interval : CK from one to the next; the count runs on, however late a refresh comes
    start    : CK from reset to the first
    enable   : False: never

    A refresh that waits until the next falls due is lost; the scheduler serves one long before that.
    """
    assert 1 <= start <= interval, f"start = {start}: expected 1 .. {interval}"
    count = Signal(intbv(start - 1, min=0, max=interval))

    @always_seq(clk.posedge, rst)
    def tick():
        if rise_op == REFAB:
            due.next = False
        if count == 0:
            count.next = interval - 1
            due.next = enable
        else:
            count.next = count - 1

    return tick

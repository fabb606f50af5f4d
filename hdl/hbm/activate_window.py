"""The window rule of ACTs: at most four in any nFAW CK. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bundle import OP_BITS, wire
from hdl.hbm.timing_gate import LOOK_AHEAD
from zhenwu.spec.hbm3 import ACT


def ports(*, now_bits: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "now": wire(now_bits),
        "rise_op": wire(OP_BITS),
        "shut": wire(1),
    }


@block
def activate_window(clk, rst, now, rise_op, shut, *, window, gap):
    """Shut the gate of ACTs while `window` of them lie within the last `gap` CK.

    now     : the CK, a counter that runs round
    rise_op : the command in the rising row slot
    shut    : 1 bit out: no ACT in the CK after the next edge, as `timing_gate` says it

    Remembers the starts in a ring; each leaves it exactly `gap` CK later, so none is mistaken for a younger one.
    """
    assert window >= 1, f"window = {window}: expected at least 1"
    assert LOOK_AHEAD < gap < 1 << len(now), f"gap = {gap}: expected more than {LOOK_AHEAD}, less than 2**{len(now)}"

    last_ck = (1 << len(now)) - 1
    starts = [wire(len(now)) for _ in range(window)]
    oldest = Signal(intbv(0, min=0, max=max(2, window)))
    newest = Signal(intbv(0, min=0, max=max(2, window)))
    recent = Signal(intbv(0, min=0, max=window + 1))

    @always_seq(clk.posedge, rst)
    def remember():
        ck = 0
        count = 0
        ck = int(now)
        count = int(recent)
        if count > 0:
            if ((int(starts[int(oldest)]) + gap) & last_ck) == ((ck + LOOK_AHEAD) & last_ck):
                count = count - 1
                oldest.next = (int(oldest) + 1) % window
        if rise_op == ACT:
            starts[int(newest)].next = now
            newest.next = (int(newest) + 1) % window
            count = count + 1
        if count != recent:
            recent.next = count
            shut.next = count == window

    return remember

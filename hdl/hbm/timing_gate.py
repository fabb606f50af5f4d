"""Timing gates: which kinds of command must not start, and where. Chapter: the controller and its limits.

A scope is the pseudo-channel, its bank groups or its banks; each part of it, a lane, has one gate a kind of command.
Every rule of `zhenwu/spec/hbm3_rules.py` is a command that shuts a gate of its own lane for some CK.
"""

from collections.abc import Mapping, Sequence

from myhdl import ResetSignal, Signal, always, block

from hdl.bundle import COLUMN_BITS, ROW_BITS, CommandSlot, wire
from hdl.hbm.request import BANK_GROUPS, BANKS
from zhenwu.spec.hbm3 import COMMANDS, PREAB, REFAB

KINDS = ("ACT", "RD", "WR", "PREpb", "PREab", "REFab")  # a gate each, in this order; banks have the first four
LOOK_AHEAD = 2  # what is decided in the CK after this one starts in the next


def ports(*, lanes: int, kinds: int, now_bits: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "now": wire(now_bits),
        "rise": CommandSlot(row=ROW_BITS),
        "fall": CommandSlot(row=ROW_BITS),
        "column": CommandSlot(column=COLUMN_BITS),
        "shut": [wire(lanes) for _ in range(kinds)],
    }


@block
def timing_gate(clk, rst, now, rise, fall, column, shut, *, lanes, gaps: Sequence[Mapping[int, int]]):
    """Shut the gates of one scope for as long as the commands on the pins ask.

    now                : the CK, a counter that runs round
    rise, fall, column : the command pins in this CK
    shut               : list, for each of the first KINDS, of a bit a lane, out: a command of the kind must not start
                         there in the CK after the next edge
    lanes              : 16 for the banks, 4 for the bank groups, 1 for the pseudo-channel
    gaps               : for each of the kinds, {code of a command: CK for which it shuts the kind's gate of its lane};
                         commands of all banks only where there is one lane

    A command shows in `shut` one CK after it was on the pins: whoever decides must look at the pins as well. A stamp
    counts only while its gate is shut, so that it may be older than `now` takes to run round.
    """
    kinds = len(gaps)
    longest = max((gap for row in gaps for gap in row.values()), default=0)
    assert lanes in (1, BANK_GROUPS, BANKS), f"lanes = {lanes}: expected 1, {BANK_GROUPS} or {BANKS}"
    assert len(shut) == kinds <= len(KINDS), f"{len(shut)} outputs for {kinds} kinds: expected as many of {KINDS}"
    whole = {op for row in gaps for op in row} & {PREAB, REFAB}
    assert lanes == 1 or not whole, f"{lanes} lanes and a rule of all banks: expected 1 lane"
    assert longest < 1 << len(now), f"a gap of {longest} CK: expected less than 2**{len(now)}"

    last_ck = (1 << len(now)) - 1
    last_lane = lanes - 1
    ops = len(COMMANDS)
    gap_of = tuple(row.get(op, 0) for row in gaps for op in range(ops))  # by kind, then by command
    allowed_at = [wire(len(now)) for _ in range(kinds * lanes)]

    @always(clk.posedge)
    def keep():
        ck = 0
        closed = 0
        still = -1  # signed for MyHDL, whose sums of unsigned and signed are a bit wider
        left = 0
        rise_code = 0
        fall_code = 0
        column_code = 0
        rise_gap = 0
        fall_gap = 0
        column_gap = 0
        rise_lane = 0
        fall_lane = 0
        column_lane = 0
        ck = int(now)
        if rise.op:
            rise_code = int(rise.op)
            rise_lane = (int(rise.bank) * BANK_GROUPS + int(rise.bank_group)) & last_lane
        if fall.op:
            fall_code = int(fall.op)
            fall_lane = (int(fall.bank) * BANK_GROUPS + int(fall.bank_group)) & last_lane
        if column.op:
            column_code = int(column.op)
            column_lane = (int(column.bank) * BANK_GROUPS + int(column.bank_group)) & last_lane
        for kind in range(kinds):
            closed = int(shut[kind])
            rise_gap = gap_of[kind * ops + rise_code]
            fall_gap = gap_of[kind * ops + fall_code]
            column_gap = gap_of[kind * ops + column_code]
            if closed != 0 or rise_gap != 0 or fall_gap != 0 or column_gap != 0:
                still = 0
                for lane in range(lanes):
                    left = 0  # CK until this gate opens
                    if ((closed >> lane) & 1) == 1:
                        left = int(allowed_at[kind * lanes + lane])
                        left = (left - ck) & last_ck
                    if rise_gap > left and rise_lane == lane:
                        left = rise_gap
                        allowed_at[kind * lanes + lane].next = (ck + rise_gap) & last_ck
                    if fall_gap > left and fall_lane == lane:
                        left = fall_gap
                        allowed_at[kind * lanes + lane].next = (ck + fall_gap) & last_ck
                    if column_gap > left and column_lane == lane:
                        left = column_gap
                        allowed_at[kind * lanes + lane].next = (ck + column_gap) & last_ck
                    if left > LOOK_AHEAD:
                        still = still + (1 << lane)
                if still != closed:
                    shut[kind].next = still
        if rst:  # the stamps need none: they count while a gate is shut
            for kind in range(kinds):
                shut[kind].next = 0

    return keep

"""The memory controller of one HBM3 pseudo-channel, from its port to its pins. Chapter: the controller and its limits.

    cmd ──> admission ─┬─> read queue ──┐
                       └─> write queue ─┼─> scheduler ──> command pins ──> bank machines, timing gates
    wdata ─> write buffer ──────────────┼─> dq path ───> DQ
    rdata <─ return buffer <────────────┘      refresher, direction: what comes first
"""

from collections.abc import Mapping, Sequence

from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bundle import DQ_BITS, ROW_BITS, HbmCommandBus, HbmDataBus, MemoryPort, wire
from hdl.hbm.activate_window import activate_window
from hdl.hbm.admission import Entering, admission
from hdl.hbm.bank_machine import bank_machine
from hdl.hbm.direction import direction
from hdl.hbm.dq_path import dq_path
from hdl.hbm.refresher import refresher
from hdl.hbm.request import BANK_GROUPS, BANKS, REQUEST_BITS, SLOT_BITS
from hdl.hbm.request_queue import count_wire, index_wire, request_queue
from hdl.hbm.return_buffer import return_buffer
from hdl.hbm.scheduler import BANK_KINDS, GROUP_KINDS, scheduler
from hdl.hbm.timing_gate import KINDS, timing_gate
from hdl.hbm.write_buffer import write_buffer
from zhenwu.spec.hbm3 import COMMANDS, HBM3_6400, HbmTiming
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import CONTROLLER, check_sizes, longest_wait, write_slots

ISSUED = ("ACT", "PREpb", "PREab", "RD", "WR", "REFab")  # the commands of this controller
CHANNEL = ("pseudo_channel", "stack_id")  # one and the same here: there is one stack

# The gates of each scope: lanes, kinds of command that have one, scopes of the rules
GATES = (
    (BANKS, BANK_KINDS, ("bank",)),
    (BANK_GROUPS, GROUP_KINDS, ("bank_group",)),
    (1, len(KINDS), CHANNEL),
)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "port": MemoryPort(),
        "bus": HbmCommandBus(),
        "dq": HbmDataBus(),
    }


def gaps(rules: Sequence[TimingRule], timing: HbmTiming, following: str, *scopes: str) -> Mapping[int, int]:
    """{code of a command: CK that `following` must wait after it} in these scopes, out of the rules."""
    found: dict[int, int] = {}
    for rule in rules:
        if (rule.following == following and rule.scope in scopes and rule.preceding in ISSUED and rule.window == 1
                and not rule.sibling):
            code = COMMANDS.index(rule.preceding)
            found[code] = max(rule.cycles(timing), found.get(code, 0))
    return found


def lane_gaps(rules: Sequence[TimingRule], timing: HbmTiming, kinds: int, scopes: Sequence[str]) -> list[Mapping]:
    """The gaps of the kinds of command that have a gate in these scopes; no rule may ask for one of the others."""
    for command in KINDS[kinds:]:
        assert not gaps(rules, timing, command, *scopes), f"a rule for {command} in {scopes}: expected none, no gate"
    return [gaps(rules, timing, command, *scopes) for command in KINDS[:kinds]]


def act_window(rules: Sequence[TimingRule], timing: HbmTiming) -> tuple[int, int]:
    """(ACTs, CK) of the window rule."""
    rows = [rule for rule in rules if rule.window > 1 and rule.following == "ACT" and "ACT" in rule.precedents]
    (acts,) = {rule.window for rule in rows}
    return acts, max(rule.cycles(timing) for rule in rows)


def clock_bits(timing: HbmTiming, read_entries: int, write_entries: int, max_age: int) -> int:
    """Bits of `now`: ages are compared within half of the time in which it runs round."""
    return (2 * longest_wait(timing, read_entries, write_entries, max_age)).bit_length()


@block
def controller(clk, rst, port, bus, dq, *, timing=HBM3_6400, rules=TIMING_RULES,
               read_entries=int(CONTROLLER.read_entries), write_entries=int(CONTROLLER.write_entries),
               return_entries=int(CONTROLLER.return_entries), address_map=CONTROLLER.address_map.value,
               max_age=int(CONTROLLER.max_age), refresh_enable=True, refresh_start=None):
    """Serve a MemoryPort from one pseudo-channel, every timing rule obeyed.

    port : MemoryPort; reads come back in the order in which they were asked for, whatever their ids
    bus  : HbmCommandBus
    dq   : HbmDataBus

    timing, rules                : HbmTiming, and the rows of TIMING_RULES
    read_entries, write_entries  : requests that wait
    return_entries               : lines on their way back
    address_map                  : a name of ADDRESS_MAPS
    max_age                      : CK from which on the oldest request decides the direction
    refresh_enable, refresh_start: all-bank refresh, the first so many CK after reset (None: nREFI)

    A read takes `CONTROLLER.latency` CK more than the device. Sizes that cannot be raise ValueError.
    """
    first_refresh = timing.total("nREFI") if refresh_start is None else refresh_start
    check_sizes(timing, read_entries, write_entries, return_entries, address_map, max_age, first_refresh)
    high, low = CONTROLLER.watermarks(write_entries)
    slots = write_slots(timing, write_entries)
    now_bits = clock_bits(timing, read_entries, write_entries, max_age)

    now, last_ck = wire(now_bits), (1 << now_bits) - 1
    entering = Entering()
    reads = [wire(REQUEST_BITS) for _ in range(read_entries)]
    writes = [wire(REQUEST_BITS) for _ in range(write_entries)]
    read_head, write_head = index_wire(read_entries), index_wire(write_entries)
    read_count, write_count = count_wire(read_entries), count_wire(write_entries)
    read_ready, write_ready = count_wire(read_entries), count_wire(write_entries)
    read_stamp, write_stamp = wire(now_bits), wire(now_bits)
    leave_read, leave_write, arrive = wire(1), wire(1), wire(1)
    position, slot = index_wire(max(read_entries, write_entries)), wire(SLOT_BITS)
    writing, overdue, due, act_for_write = wire(1), wire(1), wire(1), wire(1)

    is_open, opener_waits, opener_is_write = wire(BANKS), wire(BANKS), wire(BANKS)
    open_row = [wire(ROW_BITS) for _ in range(BANKS)]
    shut = [[wire(lanes) for _ in range(kinds)] for lanes, kinds, _ in GATES]
    window_shut = wire(1)

    queued, present = ([wire(1) for _ in range(slots)] for _ in range(2))
    first_half, second_half = ([wire(DQ_BITS) for _ in range(slots)] for _ in range(2))
    fill, fill_slot, half = wire(1), wire(SLOT_BITS), wire(DQ_BITS)
    sent, sent_slot = wire(1), wire(SLOT_BITS)
    returned = wire(1)

    @always_seq(clk.posedge, rst)
    def tick():
        now.next = (int(now) + 1) & last_ck

    front = admission(
        clk, rst, port.cmd, reads, read_head, read_count, writes, write_head, write_count, leave_read, leave_write,
        queued, returned, entering, return_entries=return_entries, map_name=address_map,
    )
    read_queue = request_queue(
        clk, rst, now, entering.read, entering.request, entering.read, leave_read, position, reads, read_head,
        read_stamp, read_count, read_ready,
    )
    write_queue = request_queue(
        clk, rst, now, entering.write, entering.request, arrive, leave_write, position, writes, write_head,
        write_stamp, write_count, write_ready,
    )
    buffer = write_buffer(
        clk, rst, port.wdata, entering, writes, write_head, write_count, write_ready, sent, sent_slot, arrive, queued,
        present, first_half, second_half,
    )
    back = return_buffer(
        clk, rst, entering, fill, fill_slot, half, dq.read, present, first_half, second_half, sent, sent_slot,
        port.rdata, returned, entries=return_entries,
    )
    turn = direction(
        clk, rst, now, read_ready, write_ready, read_stamp, write_stamp, writing, overdue, high=high, low=low,
        max_age=max_age,
    )
    refresh = refresher(
        clk, rst, bus.rise.op, due, interval=timing.total("nREFI"), start=first_refresh, enable=refresh_enable
    )
    pins = bus.rise, bus.fall, bus.column
    banks = bank_machine(clk, rst, *pins, act_for_write, is_open, open_row, opener_waits, opener_is_write)
    keepers = [
        timing_gate(
            clk, rst, now, *pins, shut[scope], lanes=lanes,
            gaps=lane_gaps(rules, timing, kinds, scopes),
        )
        for scope, (lanes, kinds, scopes) in enumerate(GATES)
    ]
    window, window_gap = act_window(rules, timing)
    acts = activate_window(clk, rst, now, bus.rise.op, window_shut, window=window, gap=window_gap)
    choice = scheduler(
        clk, rst, reads, writes, read_head, write_head, read_ready, write_ready, writing, overdue, due, is_open,
        open_row, opener_waits, opener_is_write, *shut, window_shut, *pins, act_for_write, leave_read, leave_write,
        position, slot,
        precharge_pause=gaps(rules, timing, "PREpb", *CHANNEL)[COMMANDS.index("PREpb")] > 1,
    )
    bursts = dq_path(
        clk, rst, now, bus.column.op, slot, first_half, second_half, dq, fill, fill_slot, half, sent, sent_slot,
        read_latency=timing.total("nCL"), write_latency=timing.total("nCWL"),
    )
    return (tick, front, read_queue, write_queue, buffer, back, turn, refresh, banks, keepers, acts, choice, bursts)

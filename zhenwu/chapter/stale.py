"""A bug that needs a long run, and the short run that shows it: a timing gate that compares stamps by halves.

The gate of a bank holds the CK from which a command is allowed again, in a counter that runs round. The right block
looks at a stamp only while its gate is shut; the faulty one takes a stamp for past if it is less than half of the
counter's range behind. A bank left alone for longer looks shut.
"""

from collections import deque
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from hdl.bench.run import BudgetExceeded, forgotten_signals, simulate
from hdl.designs import NOW
from hdl.harness import traffic
from hdl.harness.manner import EPOCH
from hdl.hbm import timing_gate
from hdl.hbm.request import BANKS
from zhenwu.chapter.simulate import changed
from zhenwu.cycle.hbm.timing_gate import TimingGate
from zhenwu.spec.hbm3 import ACT, HBM3_6400

GUARD = """                    left = 0  # CK until this gate opens
                    if ((closed >> lane) & 1) == 1:
                        left = int(allowed_at[kind * lanes + lane])
                        left = (left - ck) & last_ck
"""
BY_HALVES = """                    left = int(allowed_at[kind * lanes + lane])
                    left = (left - ck) & last_ck
                    if left > last_ck // 2:
                        left = 0
"""
RANGE = 1 << NOW["now_bits"]  # of the controller's clock, in CK
GAP = HBM3_6400.total("nRC")
QUIET = 200  # CK between two ACT to the bank next door, which make the gate look again
RESET_CYCLES = 2
SHOWN = 12  # CK of a waveform
COLUMNS, WIDTHS = ("now", "act_1", "open_0", "due_0"), (NOW["now_bits"], 1, 1, 1)


def faulty() -> ModuleType:
    """The gate that compares by halves."""
    return changed(timing_gate, GUARD, BY_HALVES)


class Found(NamedTuple):
    """A run up to the first wrong pin: how many CK it took, what the clock of the gate then showed, and the last CK as
    `waves` takes them; `open_0` is the first bank's gate, `due_0` what the model says of it.
    """

    cycles: int
    now: int
    pins: dict[str, tuple[int, list[int]]]


def first_wrong(module: ModuleType, most: int, loaded: tuple[int, int] | None = None) -> Found | None:
    """ACT to one bank, then to its neighbour again and again; the first CK in which the first bank's gate is not as the
    cycle model has it, or None within `most`.

    `loaded` = (now, allowed_at): the clock and the first bank's stamp are put there instead of the first ACT.
    """
    with forgotten_signals():
        pins = module.ports(lanes=BANKS, kinds=1, now_bits=NOW["now_bits"])
        clk, rst, now, rise = pins["clk"], pins["rst"], pins["now"], pins["rise"]
        gate = module.timing_gate(**pins, lanes=BANKS, gaps=[{ACT: GAP}])
        stamp = gate.memdict["allowed_at"].mem[0]
        model = TimingGate(BANKS, {ACT: GAP})
        found: list[Found] = []
        seen: deque[tuple[int, int, int, int]] = deque(maxlen=SHOWN)

        def drive() -> Iterator:
            yield clk.posedge
            ck, begin = 0, 0
            if loaded is not None:
                ck, stamp.next = loaded
                begin = ck
                model.allowed_at[0] = stamp.next
            while rst:
                now.next = ck % RANGE
                yield clk.posedge
            while True:  # in each turn the pins show CK ck, and after the edge the gate says what holds in the next
                first, again = ck == 0, (ck - begin) % QUIET == QUIET - 1
                now.next, rise.op.next = ck % RANGE, ACT if first or again else 0
                rise.bank_group.next = int(again)
                yield clk.posedge
                model.step(ck, [(ACT, int(again))] if first or again else [])
                yield clk.negedge
                opens = [model.opens(bank, ck + timing_gate.LOOK_AHEAD) for bank in (0, 1)]
                shown = int(pins["shut"][0].val)
                right = [not shown & 1, not shown >> 1 & 1] == opens
                seen.append((ck % RANGE, int(first or again), int(not shown & 1), int(opens[0])))
                if not right and not found:
                    columns = map(list, zip(*seen, strict=True))
                    pins_seen = dict(zip(COLUMNS, zip(WIDTHS, columns, strict=True), strict=True))
                    found.append(Found(ck - begin, ck % RANGE, pins_seen))
                ck += 1

        try:
            simulate([gate, drive()], clk=clk, rst=rst, budget_cycles=most, reset_cycles=RESET_CYCLES,
                     done=lambda: bool(found))
        except BudgetExceeded:
            return None
    return found[0] if found else None


def mean_wait() -> float:
    """CK from one time that the harness's traffic leaves some bank alone for half a range to the next, at best.

    On paper: an epoch visits all banks that its manner can draw, or none if it sends no commands; and as if no two
    banks were ever left alone together, which makes it sooner than it is.
    """
    sends = sum(density > 0 for density in traffic.COMMAND_SIXTEENTHS) / len(traffic.COMMAND_SIXTEENTHS)
    meets = sum(2 ** drawn.bit_count() / BANKS for drawn in traffic.BANK_MASKS) / len(traffic.BANK_MASKS)
    alone = 1 - sends * meets
    epochs = RANGE // 2 // EPOCH
    return EPOCH / (BANKS * (1 - alone) * alone**epochs)

"""The device of the harness beside `zhenwu/cycle/hbm/device.py`, on the same pins, legal or not."""

from dataclasses import dataclass, field
from random import Random

import pytest

from hdl.bench.run import forgotten_signals, simulate
from hdl.harness.device import device, ports
from zhenwu.cosim.harness.content import BoundedContent
from zhenwu.cosim.hbm.pins import started
from zhenwu.cycle.hbm.device import Device
from zhenwu.spec.hbm3 import ACT, HBM3_6400, NOP, PREAB, PREPB, RD, REFAB, WR

LATENCIES = {"read_latency": HBM3_6400.total("nCL"), "write_latency": HBM3_6400.total("nCWL")}
CYCLES = 6000
ROWS = (0, 1, 2, 3, 0x1555, 0x2AAA, 0x3FFF, 0x3FFC)  # some share their lines


@dataclass
class Seen:
    """Cycles in which dq.read differs, and how many halves were read."""

    wrong: list[int] = field(default_factory=list)
    driven: int = 0
    written: int = 0  # bursts that read what was written
    resets: int = 0


class Commands:
    """Random slots; of one kind of column command the next comes 2 CK later at the earliest."""

    def __init__(self, seed: int, bus):
        self.random, self.bus = Random(seed), bus
        self.before = NOP

    def drive(self) -> None:
        random, bus = self.random, self.bus
        kinds = ((bus.rise, (NOP, NOP, ACT, REFAB)), (bus.fall, (NOP,) * 12 + (PREPB, PREPB, PREPB, PREAB)),
                 (bus.column, (NOP, RD, WR)))
        for slot, ops in kinds:
            op = random.choice(ops)
            if slot is bus.column:
                op = op if op != self.before else NOP
                self.before = op
                slot.column.next = random.randrange(2)
            else:
                slot.row.next = random.choice(ROWS)
            slot.op.next = op
            slot.bank_group.next, slot.bank.next = random.randrange(2), random.randrange(2)


def lockstep(seed: int, lines: int, wipe_at: int, block=device) -> Seen:
    """Both devices, with two resets and a wipe on the way."""
    seen, content = Seen(), BoundedContent(lines)
    with forgotten_signals():
        pins = ports()
        clk, rst, wipe, bus, dq = pins.values()
        plain, commands, random = Device(content), Commands(seed, bus), Random(-seed)

        def watch():
            now = 0
            wipe.next = True
            while True:
                yield clk.posedge
                now += 1
                if wipe:
                    content.clear()
                if rst:
                    plain.reset()
                    seen.resets += 1
                else:
                    expected = plain.read
                    if int(dq.read.val) != expected:
                        seen.wrong.append(now)
                    seen.driven += expected != 0
                    seen.written += expected in content.halves
                    plain.step(now, started(bus, now), bool(dq.drive), int(dq.write.val))
                commands.drive()
                dq.write.next = random.getrandbits(128)
                wipe.next = now == wipe_at
                content.halves = {part for line in content.values() for part in (line & (1 << 128) - 1, line >> 128)}

        content.halves = set()
        parts = [block(**pins, **LATENCIES, lines=lines), watch()]
        simulate(parts, clk=clk, rst=rst, budget_cycles=CYCLES, reset_at=(1900, 3301))
    return seen


@pytest.mark.parametrize(("seed", "lines"), [(1, 2048), (2, 2048), (3, 64)])
def test_it_answers_as_the_plain_device_does_through_resets_and_a_wipe(seed, lines):
    seen = lockstep(seed, lines, wipe_at=4500)
    assert seen.wrong == []
    assert seen.driven > CYCLES // 3 and CYCLES // 20 < seen.written < seen.driven and seen.resets == 6


def test_a_size_that_is_no_power_of_two_is_refused():
    with forgotten_signals(), pytest.raises(AssertionError, match="expected a power of two"):
        device(**ports(), **LATENCIES, lines=48)


def test_a_device_a_cycle_late_is_found():
    def late(**sizes):
        return device(**sizes | {"read_latency": LATENCIES["read_latency"] + 1})

    assert lockstep(1, 64, wipe_at=4500, block=late).wrong

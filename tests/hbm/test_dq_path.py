"""The DQ path: halves at their latencies; RTL and model in lockstep."""

import pytest

from hdl.hbm.dq_path import dq_path as block
from hdl.hbm.dq_path import ports
from zhenwu.cosim.hbm import dq_path as cosim
from zhenwu.cycle.hbm.commands import IDLE, Commands
from zhenwu.cycle.hbm.dq_path import HALF_BITS, DqPath
from zhenwu.cycle.hbm.write_buffer import WriteBuffer
from zhenwu.spec.hbm3 import RD, WR


def test_a_read_takes_two_halves_at_its_latency():
    path, buffer = DqPath(5, 3), WriteBuffer(2, 1)
    filled = {}
    for now in range(12):
        fill = path.step(now, Commands(column=RD, slot=6) if now == 1 else IDLE, 100 + now, buffer)
        filled |= {} if fill is None else {now: fill}
    assert filled == {7: (6, 107 << HALF_BITS | 106)}


def test_a_write_drives_two_halves_at_its_latency_and_then_frees_its_slot():
    path, buffer = DqPath(5, 3), WriteBuffer(2, 1)
    buffer.lines[1] = 8 << HALF_BITS | 9
    pins, sent = {}, {}
    for now in range(12):
        pins |= {now: path.write} if path.drive else {}
        sent |= {now: path.sent} if path.sent is not None else {}
        path.step(now, Commands(column=WR, slot=1) if now == 2 else IDLE, 0, buffer)
    assert pins == {5: 9, 6: 8} and sent == {6: 1}


def test_bursts_follow_each_other_without_a_gap():
    path, buffer = DqPath(5, 3), WriteBuffer(4, 1)
    buffer.lines[:] = [slot << HALF_BITS | slot for slot in range(4)]
    driven = []
    for now in range(16):
        driven.append(path.write if path.drive else None)
        path.step(now, Commands(column=WR, slot=now // 2) if now in (2, 4, 6) else IDLE, 0, buffer)
    assert driven == [None] * 5 + [1, 1, 2, 2, 3, 3] + [None] * 5


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


@pytest.mark.parametrize(
    ("read", "write", "named"), [(0, 5, "latencies 0, 5"), (5, 1, "latencies 5, 1"), (300, 5, "now has 8 bits")]
)
def test_latencies_that_cannot_be_are_refused(read, write, named):
    with pytest.raises(AssertionError, match=named):
        block(**ports(slots=2, now_bits=8), read_latency=read, write_latency=write)

"""The return buffer: lines in order, from DQ and from waiting writes; RTL and model in lockstep."""

import pytest

from zhenwu.cosim.hbm import return_buffer as cosim
from zhenwu.cycle.hbm.admission import Entering
from zhenwu.cycle.hbm.commands import Request
from zhenwu.cycle.hbm.return_buffer import ReturnBuffer, Returned
from zhenwu.cycle.hbm.write_buffer import WriteBuffer


def read(slot: int, **more) -> Entering:
    return Entering(False, Request(0, 0, 0, slot), id=slot + 8, **more)


def test_lines_leave_in_the_order_of_their_reads():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    for slot in range(3):
        back.step(True, read(slot), None, writes, None)
    back.step(True, None, (1, 501), writes, None)
    back.step(True, None, (0, 500), writes, None)
    assert back.rdata is None
    seen = []
    for _ in range(4):
        back.step(True, None, None, writes, None)
        seen.append(back.rdata)
    assert seen == [Returned(500, 8), Returned(501, 9), None, None]


def test_a_line_is_offered_until_it_is_taken():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(False, read(0), None, writes, None)
    back.step(False, None, (0, 500), writes, None)
    for _ in range(3):
        back.step(False, None, None, writes, None)
        assert back.rdata == Returned(500, 8)
    back.step(True, None, None, writes, None)
    assert back.rdata is None


def test_a_forwarded_read_waits_for_its_writes_data():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(True, read(0, forwarded=True, source=1), None, writes, None)
    for _ in range(3):
        back.step(True, None, None, writes, None)
        assert back.rdata is None
    writes.present[1], writes.lines[1] = True, 777
    back.step(True, None, None, writes, None)
    assert (back.rdata, back.returned) == (Returned(777, 8), True)


def test_all_reads_that_wait_for_a_line_get_a_copy_when_its_write_leaves():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(True, read(0), None, writes, None)
    for slot, source in ((1, 1), (2, 0), (3, 1)):
        back.step(True, read(slot, forwarded=True, source=source), None, writes, None)
    writes.lines[1] = 777
    back.step(True, None, None, writes, 1)
    assert (back.filled, back.forwarded) == ([False, True, False, True], [False, False, True, False])
    writes.lines[1], writes.present[1] = 0, False  # another write has taken the slot
    back.step(True, None, (0, 500), writes, None)
    seen = []
    for _ in range(3):
        back.step(True, None, None, writes, None)
        seen.append(back.rdata)
    assert seen == [Returned(500, 8), Returned(777, 9), None]


def test_a_read_takes_its_line_as_its_write_leaves():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(False, read(0, forwarded=True, source=1), None, writes, None)
    writes.lines[1], writes.present[1] = 777, True
    back.step(False, None, None, writes, 1)
    assert back.rdata == Returned(777, 8) and not any(back.filled) and not any(back.forwarded)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

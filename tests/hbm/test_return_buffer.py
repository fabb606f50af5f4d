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
        back.step(True, read(slot), None, writes)
    back.step(True, None, (1, 501), writes)
    back.step(True, None, (0, 500), writes)
    assert back.rdata is None
    seen = []
    for _ in range(4):
        back.step(True, None, None, writes)
        seen.append(back.rdata)
    assert seen == [Returned(500, 8), Returned(501, 9), None, None]


def test_a_line_is_offered_until_it_is_taken():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(False, read(0), None, writes)
    back.step(False, None, (0, 500), writes)
    for _ in range(3):
        back.step(False, None, None, writes)
        assert back.rdata == Returned(500, 8)
    back.step(True, None, None, writes)
    assert back.rdata is None


def test_a_forwarded_read_waits_for_its_writes_data_and_then_gives_the_slot_back():
    back, writes = ReturnBuffer(4), WriteBuffer(2, 1)
    back.step(True, read(0, forwarded=True, source=1), None, writes)
    for _ in range(3):
        back.step(True, None, None, writes)
        assert back.rdata is None and back.released is None
    writes.present[1], writes.lines[1] = True, 777
    back.step(True, None, None, writes)
    assert (back.rdata, back.released, back.returned) == (Returned(777, 8), (1, 0), True)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

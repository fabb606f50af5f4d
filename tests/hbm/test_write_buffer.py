"""The write buffer: beats find their writes, slots come back; RTL and model in lockstep."""

import pytest

from zhenwu.cosim.hbm import write_buffer as cosim
from zhenwu.cycle.hbm.admission import Entering
from zhenwu.cycle.hbm.commands import Request
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.write_buffer import WriteBuffer


def entering(slot: int, **more) -> Entering:
    return Entering(more.pop("write", True), Request(0, 0, 0, slot), **more)


def test_beats_before_their_commands_wait_as_many_as_allowed():
    buffer, writes = WriteBuffer(slots=4, depth=2), RequestQueue()
    for beat in (10, 11, 12, 13):
        buffer.step(beat, None, writes, None)
    assert list(buffer.early) == [11, 12] and not buffer.ready  # the first CK after reset takes none


def test_each_beat_goes_to_the_oldest_write_without_data():
    buffer, writes = WriteBuffer(slots=4, depth=2), RequestQueue()
    buffer.step(None, None, writes, None)
    for now, slot in enumerate((2, 0, None, None)):
        arrives = buffer.arrives(writes)
        new = None if slot is None else entering(slot)
        buffer.step(None if slot is None else 100 + slot, new, writes, None)
        writes.step(now, new and new.request, arrives, None)
    assert (buffer.lines[2], buffer.lines[0]) == (102, 100)
    assert buffer.present == [True, False, True, False]


def test_a_slot_is_free_when_its_burst_has_left():
    buffer, writes = WriteBuffer(slots=3, depth=1), RequestQueue()
    buffer.step(None, entering(0), writes, None)
    assert (buffer.free_slot(None), buffer.free_slot(entering(1)), buffer.free_slot(entering(2))) == (1, 2, 1)
    buffer.step(None, entering(8, write=False, forwarded=True, source=0), writes, 0)
    assert buffer.free_slot(None) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

"""Admission: hazards and room, each on a small scene; RTL and model in lockstep."""

import pytest

from zhenwu.cosim.hbm import admission as cosim
from zhenwu.cycle.hbm.admission import Admission, Command, Entering
from zhenwu.cycle.hbm.commands import IDLE, Commands, Request
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.write_buffer import WriteBuffer
from zhenwu.spec.hbm3 import RD, WR

LINE, OTHER = Request(3, 40, 5, 0), Request(3, 40, 6, 0)
READ, WRITE = Command(False, LINE, 9), Command(True, LINE, 9)


def queue(*requests: Request) -> RequestQueue:
    made = RequestQueue()
    made.requests[:] = requests
    return made


def admit(head, reads=(), writes=(), entering=None, present=IDLE, held=0, buffer=None) -> Entering | None:
    admission = Admission(read_entries=2, write_entries=2, return_entries=4)
    admission.entering, admission.held = entering, held
    return admission.admit(head, present, queue(*reads), queue(*writes), buffer or WriteBuffer(4, 2))


def test_a_read_takes_the_next_return_slot_and_a_write_the_lowest_free_slot():
    assert admit(READ) == Entering(False, LINE, 9)
    buffer = WriteBuffer(4, 2)
    buffer.queued[0] = buffer.queued[1] = True
    assert admit(WRITE, buffer=buffer) == Entering(True, LINE._replace(slot=2), 9)


def test_a_read_forwards_from_the_youngest_write_of_its_line():
    writes = [LINE._replace(slot=1), OTHER._replace(slot=2)]
    assert admit(READ, writes=writes).source == 1
    younger = Entering(True, LINE._replace(slot=3))
    assert admit(READ, writes=writes, entering=younger).source == 3
    assert not admit(READ, writes=writes[1:]).forwarded


def test_a_forwarded_read_needs_no_room_in_the_queue():
    full = [OTHER, OTHER]
    assert admit(READ, reads=full) is None
    assert admit(READ, reads=full, writes=[LINE]).forwarded


def test_a_write_waits_for_an_older_read_of_its_line():
    assert admit(WRITE, reads=[OTHER, LINE]) is None
    assert admit(WRITE, entering=Entering(False, LINE)) is None
    assert admit(WRITE, reads=[OTHER]).write
    assert admit(WRITE, entering=Entering(False, LINE, forwarded=True)).write


@pytest.mark.parametrize(("head", "column", "full"), [(READ, RD, "reads"), (WRITE, WR, "writes")])
def test_a_full_queue_takes_a_request_as_another_leaves(head, column, full):
    queues = {full: [OTHER, OTHER]}
    assert admit(head, **queues) is None
    assert admit(head, present=Commands(column=column), **queues) is not None
    entering = Entering(head.write, OTHER._replace(slot=1))
    assert admit(head, present=Commands(column=column), entering=entering, **queues) is None


def test_a_read_waits_for_a_line_of_the_return_buffer():
    assert admit(READ, held=3) is not None
    assert admit(READ, held=4) is None


def test_the_slot_of_the_request_entering_now_is_taken():
    assert admit(WRITE, entering=Entering(True, OTHER._replace(slot=0))).request.slot == 1


@pytest.mark.parametrize("seed", [1, 5])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

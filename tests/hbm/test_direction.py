"""The direction: watermarks, then age; RTL and model in lockstep."""

import pytest

from hdl.hbm.direction import direction as block
from hdl.hbm.direction import ports
from zhenwu.cosim.hbm import direction as cosim
from zhenwu.cycle.hbm.direction import Direction
from zhenwu.cycle.hbm.request_queue import RequestQueue


def queue(*stamps: int) -> RequestQueue:
    made = RequestQueue()
    made.stamps[:] = stamps
    return made


@pytest.mark.parametrize(
    ("was_writing", "reads", "writes", "writing"),
    [
        (False, 5, 12, False), (False, 5, 13, True), (False, 0, 1, True), (False, 0, 0, False),
        (True, 5, 4, True), (True, 5, 3, False), (True, 0, 3, True), (True, 0, 0, True), (True, 1, 0, False),
    ],
)
def test_watermarks_of_a_queue_of_sixteen(was_writing, reads, writes, writing):
    model = Direction(high=13, low=3, max_age=1024)
    model.was_writing = was_writing
    assert model.choose(10, queue(*[9] * reads), queue(*[9] * writes)) == (writing, False)


@pytest.mark.parametrize(
    ("read_stamp", "write_stamp", "chosen"),
    [(0, 150, (False, True)), (150, 0, (True, True)), (10, 20, (False, True)), (20, 10, (True, True)),
     (10, 10, (False, True)), (100, 100, (True, False))],
)
def test_the_oldest_that_is_overdue_decides(read_stamp, write_stamp, chosen):
    """max_age is 100 and it is CK 200: what became ready in CK 99 or before is overdue."""
    model = Direction(high=13, low=0, max_age=100)
    model.was_writing = True
    assert model.choose(200, queue(read_stamp), queue(write_stamp)) == chosen


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


def test_an_age_that_the_clock_cannot_tell_is_refused():
    with pytest.raises(AssertionError, match=r"max_age = 128: expected less than half of 2\*\*8 CK"):
        block(**ports(read_entries=4, write_entries=4, now_bits=8), high=3, low=1, max_age=128)

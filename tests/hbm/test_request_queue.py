"""The request queue: order of age whatever leaves; RTL and model in lockstep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.cosim.hbm import request_queue as cosim
from zhenwu.cycle.hbm.commands import Request
from zhenwu.cycle.hbm.request_queue import RequestQueue


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 7)), max_size=60))
def test_requests_stay_in_the_order_in_which_they_came(moves):
    queue, came, expected = RequestQueue(), 0, []
    for now, (enters, leaves, position) in enumerate(moves):
        leave = position if leaves and position < queue.ready else None
        enter = Request(0, came, 0, 0) if enters else None
        queue.step(now, enter, enters, leave)
        if leave is not None:
            del expected[leave]
        if enters:
            expected.append(came)
            came += 1
        assert [request.row for request in queue.requests] == expected == sorted(expected)
        assert queue.stamps == sorted(queue.stamps)


def test_data_reach_the_oldest_request_without_any():
    queue = RequestQueue()
    for row in range(3):
        queue.step(row, Request(0, row, 0, 0), False, None)
    assert (queue.count, queue.ready) == (3, 0)
    queue.step(7, None, True, None)
    queue.step(9, None, True, 0)
    assert (queue.count, queue.ready, queue.stamps) == (2, 1, [9])


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

"""Turns dealt again: what stays by construction, and what is lost."""

import numpy as np
import pytest

from zhenwu.agent.compare import HELD, compared
from zhenwu.agent.fitted import fitted
from zhenwu.agent.generate import generate_trace
from zhenwu.agent.links import links
from zhenwu.agent.quantiles import tables
from zhenwu.agent.steps import Steps
from zhenwu.chapter.dealt import dealt

SESSIONS = 1500


@pytest.fixture(scope="module")
def made():
    return generate_trace(fitted(), 1, SESSIONS)


@pytest.fixture(scope="module", params=(True, False))
def both(made, request):
    return request.param, dealt(fitted(), made, within=request.param)


def test_every_growth_and_every_wait_is_still_there(made, both):
    one, other = Steps(made), Steps(both[1])
    assert np.array_equal(np.sort(one.grown[one.grows]), np.sort(other.grown[one.grows]))
    assert np.array_equal(np.sort(one.gap[one.follows & ~one.timed_before]),
                          np.sort(other.gap[one.follows & ~one.timed_before]))
    assert np.array_equal(np.sort(made.think_time_s), np.sort(both[1].think_time_s), equal_nan=True)
    assert np.array_equal(np.isnan(made.think_time_s), np.isnan(both[1].think_time_s))
    assert (both[1].prefix_hit_tokens <= both[1].in_tokens).all() and not (both[1].prefix_hit_tokens % 1).any()


def test_a_session_dealt_within_itself_keeps_its_hours_and_others_do_not(made, both):
    within, again = both
    ends = made.first[1:] - 1
    assert np.allclose(made.t_s[ends], again.t_s[ends]) == within
    lines = {line.name: line for line in compared(tables(made, {}), tables(again, {}))}
    held = len(HELD)
    assert all(lines[name].ratios[:held] == pytest.approx((1,) * held, abs=0.02) for name in ("growth", "tool_wait_s"))
    assert (lines["session_hours"].off > 0.15) != within


def test_a_turn_knows_less_of_the_one_before_it_and_least_where_all_were_dealt(made, both):
    within, again = both
    had, has = links(made), links(again)
    for name in ("growth and growth before", "wait and wait before"):
        assert had[name] - has[name] > (0.06 if within else 0.15)
        assert within or abs(has[name]) < 0.08

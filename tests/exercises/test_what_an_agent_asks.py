"""Hidden cases of "What an agent asks of silicon": every right way is right, a slip at a border is not."""

import math
from collections.abc import Callable

import pytest

from zhenwu import exercises
from zhenwu.exercises.exercise import first_difference

MANY = range(2000)
ALIVE, COMPACTED = exercises.find("ex-alive"), exercises.find("ex-compacted")

BY_BANDWIDTH = {
    "over the working share": lambda once, answer, wait: once / (answer / (answer + wait)),
    "times one and the waits": lambda once, answer, wait: once * (1 + wait / answer),
    "times the period, over the answer": lambda once, answer, wait: once * (answer + wait) / answer,
    "times the period in answers": lambda once, answer, wait: once * ((answer + wait) / answer),
    "those that write and those that wait": lambda once, answer, wait: once + once * wait / answer,
    "over what is no wait": lambda once, answer, wait: once / (1 - wait / (answer + wait)),
}
IS_COMPACTED = {
    "a product": lambda before, after: after < 0.6 * before,
    "a share": lambda before, after: before > 0 and after / before < 0.6,
    "a drop": lambda before, after: before - after > 0.4 * before,
    "a share of the drop": lambda before, after: before > 0 and 1 - after / before > 0.4,
    "whole numbers": lambda before, after: 5 * after < 3 * before,
}


def alive(by_bandwidth: Callable, *, tie: str = "memory", whole: Callable = math.floor) -> Callable:
    def may_live(once: int, answer: int, wait: int, memory: int) -> tuple[int, str]:
        most = whole(by_bandwidth(once, answer, wait))
        return min(most, memory), tie if most == memory else "memory" if memory < most else "bandwidth"

    return may_live


def counted(compacts: Callable) -> Callable:
    return lambda contexts: sum(bool(compacts(*pair)) for pair in zip(contexts, contexts[1:], strict=False))


@pytest.mark.parametrize("form", BY_BANDWIDTH.values(), ids=BY_BANDWIDTH)
def test_each_way_to_count_those_alive_is_right_for_every_seed(form):
    assert first_difference(ALIVE, alive(form), ALIVE.shown) is None
    assert [seed for seed in MANY if first_difference(ALIVE, alive(form), ALIVE.hidden_by(seed))] == []


@pytest.mark.parametrize(
    "slip", [{"tie": "bandwidth"}, {"whole": math.ceil}, {"whole": lambda most: math.ceil(most) - 1}], ids=str
)
def test_a_slip_at_the_border_is_found_for_every_seed(slip):
    answer = alive(lambda once, answer, wait: once * (answer + wait) / answer, **slip)
    assert [seed for seed in MANY if not first_difference(ALIVE, answer, ALIVE.hidden_by(seed))] == []


@pytest.mark.parametrize("form", IS_COMPACTED.values(), ids=IS_COMPACTED)
def test_each_way_to_tell_a_compaction_is_right_for_every_seed(form):
    assert first_difference(COMPACTED, counted(form), COMPACTED.shown) is None
    assert [seed for seed in MANY if first_difference(COMPACTED, counted(form), COMPACTED.hidden_by(seed))] == []


@pytest.mark.parametrize(
    "slip", [lambda before, after: after <= 0.6 * before, lambda before, after: after < 0.6 * before - 1],
    ids=["the limit too", "a token below the limit not"],
)
def test_a_compaction_to_the_limit_itself_is_none_and_a_token_below_is_one(slip):
    assert first_difference(COMPACTED, counted(slip), COMPACTED.shown) is not None
    assert [seed for seed in MANY if not first_difference(COMPACTED, counted(slip), COMPACTED.hidden_by(seed))] == []

"""Ratios of hazards on common seeds: what is counted, when nothing is said, and how often the interval is right."""

import numpy as np
import pytest

from tests.study.test_summary import outcome
from zhenwu.study.paired import FEWEST, failures, paired


def sessions(seeds, probability):
    """So many sessions of 40 turns; each fails at most once, in the turn drawn."""
    rng = np.random.default_rng(int(probability * 1e6) + len(seeds))
    firsts = rng.geometric(probability, len(seeds)) - 1
    return {int(seed): [int(first)] if first < 40 else [] for seed, first in zip(seeds, firsts, strict=True)}


def test_failures_are_counted_by_seed_and_turns_up_to_them():
    failed, turns = failures(outcome({3: [15, 16], 5: [], 9: [2]}), np.array([3, 5]))
    assert failed.tolist() == [1, 0] and turns.tolist() == [16, 40]


def test_only_common_seeds_count():
    one = sessions(range(0, 100), 0.02)
    other = sessions(range(50, 150), 0.02)
    found = paired(outcome(one), outcome(other))
    both = [seed for seed in range(50, 100) if one[seed] and other[seed]]
    assert (found.seeds, found.both) == (50, len(both))
    assert found.both + found.this == sum(bool(one[seed]) for seed in range(50, 100))
    assert found.both + found.other == sum(bool(other[seed]) for seed in range(50, 100))


def test_an_agent_compared_with_itself_is_as_good():
    same = outcome(sessions(range(80), 0.02))
    assert paired(same, same)[-3:] == (1, 1, 1)


def test_pairs_that_fail_together_make_the_interval_narrower():
    first = sessions(range(200), 0.02)
    later = {seed: [min(39, wrong[0] + 1)] if wrong else [] for seed, wrong in first.items()}
    shuffled = dict(zip(first, reversed(later.values()), strict=True))
    together, apart = (paired(outcome(first), outcome(other)) for other in (later, shuffled))
    assert together.ratio == pytest.approx(apart.ratio)
    assert together.high - together.low < 0.5 * (apart.high - apart.low)


def test_with_few_failures_nothing_is_said():
    few = {seed: [3] if seed < FEWEST - 1 else [] for seed in range(60)}
    enough = {seed: [3] if seed < FEWEST else [] for seed in range(60)}
    assert paired(outcome(few), outcome(enough)) is None and paired(outcome(enough), outcome(few)) is None
    assert paired(outcome(enough), outcome(enough)).both == FEWEST


def test_a_ratio_that_was_put_in_is_within_the_interval_as_often_as_it_says():
    hits = 0
    for seed in range(40):
        one = sessions(range(1000 * seed, 1000 * seed + 150 + seed), 0.02)
        other = sessions(range(1000 * seed, 1000 * seed + 150 + seed), 0.01)
        found = paired(outcome(one), outcome(other))
        hits += found.low <= 2 <= found.high
    assert hits >= 34

"""A fitted distribution: what it gives back, its tail, and that nothing recorded can be read off it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.agent.spread import FEWEST, PERCENTS, Spread, scores, share_below, untied

EVEN = (np.arange(100_000) + 0.5) / 100_000


@pytest.mark.parametrize("name", ["lognormal", "exponential", "whole numbers"])
def test_what_is_drawn_has_the_quantiles_and_the_mean_of_what_was_fitted(name):
    rng = np.random.default_rng(1)
    values = {"lognormal": rng.lognormal(5, 1.5, 20_000), "exponential": rng.exponential(90, 20_000),
              "whole numbers": rng.geometric(0.02, 20_000).astype(float)}[name]
    found = Spread.of_counts(values).at(EVEN)
    for percent in PERCENTS:
        assert np.percentile(found, percent) == pytest.approx(np.percentile(values, percent), rel=0.03, abs=0.6)
    assert found.mean() == pytest.approx(values.mean(), rel=0.03)
    assert np.percentile(found, 99.8) == pytest.approx(np.percentile(values, 99.8), rel=0.25)


def test_the_tail_keeps_its_mean_and_goes_no_further_than_so_many_values_would():
    values = np.concatenate([np.ones(990), np.full(10, 50.0)])
    found = Spread.of(values)
    assert 0 < found.tail < 1 and found.at(EVEN).max() == pytest.approx(found.at(np.array([1 - 1 / 2000]))[0])


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=80), st.floats(0, 1))
def test_more_share_is_never_less(values, share):
    found = Spread.of(values)
    low, high = found.at(np.array([share, min(1.0, share + 0.01)]))
    assert 0 <= low <= high * (1 + 1e-9) + 1e-9


def test_few_values_take_another_distribution_and_none_are_refused():
    other = Spread.of([7.0])
    assert Spread.of([1.0] * (FEWEST - 1), other) is other and Spread.of([1.0] * FEWEST, other) is not other
    with pytest.raises(ValueError, match="there are no values; expected one at least"):
        Spread.of([])


def test_whole_numbers_are_spread_over_what_rounds_to_them():
    assert list(untied(np.array([3.0, 2.0, 3.0]))) == [2, 2.75, 3.25]
    assert list(untied(np.array([0.5, 0.5]))) == [0.5, 0.5]


@given(st.lists(st.integers(0, 40), min_size=2, max_size=60))
def test_a_score_and_its_share_are_inverse(values):
    found = scores(np.array(values, float))
    assert share_below(found).mean() == pytest.approx(0.5, abs=1e-3)
    pairs = list(zip(values, found, strict=True))
    assert all((a < b) == (x < y) for a, x in pairs for b, y in pairs)


def test_a_table_is_moved_towards_what_is_wanted():
    values = np.random.default_rng(3).lognormal(3, 1, 5000)
    mine, wanted = Spread.of(values), Spread.of(values * 1.5)
    assert np.allclose(np.divide(mine.moved(wanted, mine, 1.0).quantiles, mine.quantiles), 1.5, rtol=1e-3)
    assert mine.moved(mine, mine, 1.0) == mine

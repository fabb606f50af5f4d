"""Intervals of a share: published values, laws, and how often they cover the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.agent.binomial import at_most, half_survival, interval


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # R 4.3, binom.test(k, n)$conf.int
        (0, 10, 0.0, 0.3084971),
        (1, 10, 0.002528579, 0.4450161),
        (5, 10, 0.1870860, 0.8129140),
        (10, 10, 0.6915029, 1.0),
    ],
)
def test_clopper_pearson_is_what_other_programs_print(k, n, low, high):
    assert interval(k, n) == pytest.approx((low, high), rel=1e-5, abs=1e-12)


def test_no_error_in_n_has_the_closed_form():
    assert interval(0, 500_000)[1] == pytest.approx(1 - 0.025 ** (1 / 500_000), rel=1e-9)


@given(st.integers(1, 3000), st.floats(0, 1))
def test_the_interval_holds_its_share_and_mirrors(n, share):
    k = round(share * n)
    low, high = interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert interval(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_the_interval_covers_the_truth_at_least_as_often_as_it_says():
    rng = np.random.default_rng(1)
    for p in (0.003, 0.1, 0.5):
        counts = rng.binomial(200, p, 4000)
        ends = {k: interval(int(k), 200) for k in set(counts)}
        assert np.mean([ends[k][0] <= p <= ends[k][1] for k in counts]) >= 0.945


def test_at_most_is_the_sum_of_the_distribution():
    exact = sum(math.comb(20, k) * 0.3**k * 0.7 ** (20 - k) for k in range(5))
    assert at_most(4, 20, 0.3) == pytest.approx(exact, rel=1e-12)


def test_half_survival_is_where_half_the_sessions_have_failed():
    turns = half_survival(1, 1000)
    assert (1 - 1 / 1000) ** turns == pytest.approx(0.5)
    assert half_survival(0, 1000) == math.inf


def test_a_count_outside_its_total_is_refused():
    with pytest.raises(ValueError, match="11 of 10: expected 0 to 10"):
        interval(11, 10)

"""Slopes of the hazard: a closed form, a slope that was put in, and none where there is none."""

import math

import numpy as np
import pytest

from zhenwu.agent.hazard import binned, slopes, surviving


def test_with_one_column_of_two_values_the_slope_is_the_log_odds_ratio():
    wrong = np.repeat([True, False, True, False], [30, 970, 90, 910])
    column = np.repeat([0.0, 1.0], 1000)
    slope, = slopes(wrong, {"old": column})
    assert slope.value == pytest.approx(math.log(90 * 970 / (910 * 30)), rel=1e-6)
    error = math.sqrt(1 / 30 + 1 / 970 + 1 / 90 + 1 / 910)  # Woolf's
    assert (slope.high - slope.low) / 2 == pytest.approx(1.959964 * error, rel=1e-4)
    assert slope.p < 1e-6


@pytest.mark.parametrize("true", [0.0, 0.8])
def test_a_slope_that_was_put_in_is_found_and_one_that_was_not_is_not(true):
    rng = np.random.default_rng(3)
    age, other = rng.uniform(0, 6, 60_000), rng.normal(size=60_000)
    wrong = rng.random(60_000) < 1 / (1 + np.exp(6 - true * age))
    of_age, of_other = slopes(wrong, {"age": age, "other": other})
    assert of_age.low <= true <= of_age.high and (of_age.p < 1e-6) == (true > 0)
    assert of_other.low <= 0 <= of_other.high


def test_a_rare_error_that_breeds_others_does_not_throw_the_search_off():
    wrong = np.repeat([True, False, True, False], [40, 500_000, 90, 60])
    column = np.repeat([0.0, 1.0], [500_040, 150])
    slope, = slopes(wrong, {"own errors": column})
    assert slope.value == pytest.approx(math.log(90 * 500_000 / (60 * 40)), rel=1e-6)
    error = math.sqrt(1 / 40 + 1 / 500_000 + 1 / 90 + 1 / 60)
    assert (slope.high - slope.low) / 2 == pytest.approx(1.959964 * error, rel=1e-3)


def test_an_interval_misses_the_truth_as_seldom_as_it_says():
    rng = np.random.default_rng(5)
    missed = 0
    for _ in range(200):
        age = rng.uniform(0, 4, 4000)
        slope, = slopes(rng.random(4000) < 0.02, {"age": age})
        missed += not slope.low <= 0 <= slope.high
    assert missed <= 20


def test_turns_that_are_copies_of_each_other_count_once():
    rng = np.random.default_rng(6)
    age = rng.uniform(0, 4, 3000)
    wrong = rng.random(3000) < 0.05
    once, = slopes(wrong, {"age": age}, np.arange(3000))
    copies, = slopes(np.repeat(wrong, 5), {"age": np.repeat(age, 5)}, np.repeat(np.arange(3000), 5))
    assert (copies.value, copies.low, copies.p) == pytest.approx((once.value, once.low, once.p), rel=1e-6)
    blind, = slopes(np.repeat(wrong, 5), {"age": np.repeat(age, 5)})
    assert (once.high - once.low) / (blind.high - blind.low) == pytest.approx(math.sqrt(5), rel=0.1)


def test_sessions_of_different_risk_make_no_slope_where_they_are_counted_as_sessions():
    rng = np.random.default_rng(7)
    missed = {"sessions": 0, "turns": 0}
    for _ in range(100):
        session = np.repeat(np.arange(100), 40)
        luck, hardness = rng.normal(0, 1.5, 100)[session], rng.normal(size=100)[session]
        wrong = rng.random(4000) < 1 / (1 + np.exp(3.5 - luck))
        for name, given in (("sessions", session), ("turns", None)):
            slope, = slopes(wrong, {"hardness": hardness}, given)
            missed[name] += not slope.low <= 0 <= slope.high
    assert missed["sessions"] <= 15 < missed["turns"]


def test_without_errors_or_without_spread_nothing_is_claimed():
    age = np.arange(10.0)
    for wrong, column in ((np.zeros(10, bool), age), (age > 4, np.ones(10))):
        slope, = slopes(wrong, {"age": column})
        assert (slope.low, slope.high, slope.p) == (-math.inf, math.inf, 1.0)


def test_errors_of_few_sessions_claim_nothing():
    session, age = np.repeat(np.arange(50), 20), np.tile(np.arange(20.0), 50)
    for failing in (4, 5):
        slope, = slopes((session < failing) & (age > 9 + session), {"age": age}, session)
        assert (slope.p < 1) == (failing == 5)


def test_bins_count_every_turn_between_their_edges_once():
    found = binned(np.array([1, 0, 1, 1], bool), np.array([0, 9, 10, 19]), [0, 10, 20])
    assert [(b.turns, b.wrong, b.rate) for b in found] == [(2, 1, 0.5), (2, 2, 1.0)]


def test_a_session_survives_to_the_call_of_its_first_error():
    first = np.array([5.0, 12.0, np.inf])
    assert [surviving(first, calls)[0] for calls in (5, 6, 12, 13)] == [3, 2, 2, 1]

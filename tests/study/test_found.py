"""What the study's numbers say in words: every sentence follows from its numbers, whichever way they turn out."""

import json
import math
import re

import numpy as np
import pytest

from zhenwu.agent.hazard import slopes
from zhenwu.agent.session import Harness
from zhenwu.study import found
from zhenwu.study.cell import Cell, Outcome, Voice
from zhenwu.study.summary import finite, summary

ROW = {"wrong": 0, "turns": 1000, "low": 0.0, "high": 0.004, "error": 0.0, "weights": "plain", "check": None,
       "kv": "fp32", "format": "mxfp4 even", "sessions": 10, "calls": 90}


def row(**fields) -> dict:
    """A cell without errors after a first one: each wrong turn ends a session's clean ones."""
    made = ROW | fields
    first = {"failed": made["wrong"], "clean_turns": made["turns"],
             "hazard_low": made["low"], "hazard_high": made["high"]}
    return made | {"error": made["wrong"] / made["turns"]} | first


def simulated(first_error: int, errors_after: float, sessions: int = 50, calls: int = 120) -> dict:
    """A cell of the summary: sessions whose first error comes at `first_error`, and more of them afterwards."""
    rng = np.random.default_rng(3)
    call = np.tile(np.arange(calls), sessions)
    session = np.repeat(np.arange(sessions), calls)
    wrong = (call == first_error + session) | (call > first_error + session) & (rng.random(len(call)) < errors_after)
    errors = np.concatenate([np.cumsum(part) - part for part in wrong.reshape(sessions, calls)])
    columns = {
        "session": session, "call": call, "context": call % 30, "compactions": call // 30, "errors": errors,
        "errors_in_context": np.minimum(errors, 3), "wrong": wrong, "doubted": wrong, "first_wrong": wrong,
        "second_wrong": wrong & (session % 2 == 0),
    }
    outcome = Outcome(Cell(Voice(), Harness(calls=calls), sessions), columns, 1000, 500, 1.0)
    return json.loads(json.dumps(summary([("made", outcome)])["cells"][0], allow_nan=False))


def test_the_errors_up_to_and_after_the_first_are_all_errors():
    each = simulated(20, 0.3)
    first, after = found.until_first(each), found.after_first(each)
    assert first.k == 50 and after.k > 50
    assert (first.k + after.k, first.n + after.n) == (each["wrong"], each["turns"])
    assert after.value > 5 * first.value


def test_the_hypothesis_is_the_constant_error_to_the_power_of_the_turns():
    each = simulated(20, 0.0)
    share = found.until_first(each)
    assert found.expected(each, 0) == 1
    assert found.expected(each, 10) == pytest.approx((1 - share.value) ** 10)
    assert found.expected(each, 60) == pytest.approx(found.expected(each, 30) ** 2)


def test_survivors_are_those_without_an_error_before_the_call():
    assert [(calls, share.k) for calls, share in found.survivors(simulated(20, 0.0))] == [(12, 50), (33, 37)]
    assert found.last(simulated(20, 0.0))[0] == 33


def test_a_second_opinion_that_errs_in_half_of_the_cases_is_blind_in_half():
    each = simulated(20, 0.0)
    assert found.caught(each)[:2] == (25, 50) and found.price(each) == 1.5
    # the second reads all of 100 tokens, the third 20, and they are half and four times as large
    assert found.price({"tokens": 100, "checking_tokens": 120}, 0.5, 4.0) == pytest.approx(2.3)
    assert re.fullmatch(r"25 of 50, 50 % \(\d+ % to \d+ %\)", found.caught(each).words)


def slope_of(towards: float) -> dict:
    rng = np.random.default_rng(1)
    age = rng.integers(0, 8, 6000).astype(float)
    wrong = rng.random(6000) < 0.02 * np.exp(towards * (age - 4))
    (one,) = slopes(wrong, {"age": age})
    return {"value": one.value, "low": finite(one.low), "high": finite(one.high), "p": one.p}


@pytest.mark.parametrize(("towards", "word"), [(0.4, "rises"), (-0.4, "falls"), (0, "cannot be told from constant")])
def test_a_slope_is_a_verb(towards, word):
    slope = slope_of(towards)
    assert found.trend(slope) == word
    value, low, high = (float(number) for number in re.findall(r"[\d.]+", found.factor(slope))[:3])
    assert low < value < high and (low > 1, high < 1) == (word == "rises", word == "falls")


def test_without_errors_there_is_no_slope():
    none = {"value": 0.0, "low": None, "high": None, "p": 1.0}
    assert "too few" in found.factor(none) and "cannot be judged" in found.trend(none)


def test_a_slope_without_end_is_said_to_have_none():
    assert "beyond any use" in found.factor({"value": 8.0, "low": -5.0, "high": 21.0, "p": 0.2})


@pytest.mark.parametrize(("one", "other", "words"), [
    (row(wrong=40), row(wrong=4), r"more often, by a factor of 10 \(3\.\d+ to 3\d\.\d\)"),
    (row(wrong=4), row(wrong=40), r"less often, by a factor of 10 \(3\.\d+ to 3\d\.\d\)"),
    (row(wrong=5), row(wrong=4), r"neither more nor less .*, by a factor of 1\.25 \(0\.\d+ to \d\.\d+\)"),
    (row(wrong=0), row(wrong=0), r"as often as far as can be seen, since neither made an error"),
    (row(wrong=20), row(wrong=0), r"more often, by a factor of at least \d[\d.]*"),
    (row(wrong=1), row(wrong=0), r"neither more nor less .*, by a factor of at least 0\.\d+"),
    (row(wrong=0), row(wrong=20), r"less often, by a factor of at least \d[\d.]*"),
])
def test_two_agents_are_compared_in_words(one, other, words):
    assert re.fullmatch(words, found.compared(one, other))


def test_the_error_is_told_in_a_million_turns():
    share = found.until_first(row(wrong=2, low=0.0002, high=0.0072))
    assert found.per_million(share) == "2,000 in a million (200 to 7,200)"
    assert found.per_million(found.until_first(row())) == "none in 1,000 turns, at most 4,000 in a million"


def test_half_are_left_where_the_hazard_to_the_power_of_the_turns_is_a_half():
    calls = found.half_left(row(wrong=2))  # 1,000 turns for 900 calls
    assert (1 - 0.002) ** (calls * 1000 / 900) == pytest.approx(0.5)
    assert found.half_left(row()) == math.inf


def test_beside_float32_is_a_ratio_on_so_many_seeds_or_nothing():
    pair = {"ratio": 0.389, "low": 0.1829, "high": 0.71, "seeds": 220}
    assert found.beside_fp32(row(paired=pair)) == "0.389 (0.183 to 0.71), on 220 seeds"
    with pytest.raises(LookupError, match="^a cell: too few"):
        found.beside_fp32(row(paired=None, name="a cell"))


@pytest.mark.parametrize(("fields", "words"), [
    ({}, "MXFP4 even"),
    ({"format": "mxfp4 floor hadamard"}, "MXFP4 floor rotated"),
    ({"weights": "qat", "check": "kin"}, "MXFP4 even, trained for it, checked by kin"),
    ({"kv": "mxfp8", "format": "fp32, kv mxfp8"}, "KV MXFP8"),
])
def test_a_cell_has_a_short_name(fields, words):
    assert found.label(row(**fields)) == words


def test_of_several_cells_the_one_with_the_most_turns_is_taken_and_none_is_an_error():
    cells = [row(turns=10), row(turns=30), row(turns=20), row(turns=40, format="bf16")]
    assert found.cell(cells, format="mxfp4 even")["turns"] == 30
    with pytest.raises(LookupError, match="no cell of the study has format nvfp4, weights qat"):
        found.cell(cells, format="nvfp4", weights="qat")


def test_shares_read_as_percents():
    assert [found.percent(each) for each in (0, 0.0123, 0.5, 0.987, 1)] == ["0 %", "1.2 %", "50 %", "98.7 %", "100 %"]
    assert math.isnan(found.Share(0, 0, 0, 1).value)

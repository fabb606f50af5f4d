"""The tables of a trace: a case by hand, laws, traces with little in them, and the facts about the real one."""

import math

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.conftest import ROWS
from zhenwu.agent.quantiles import PERCENTS, WAIT_CAP_S, Distribution, after, known, steps, tables
from zhenwu.agent.traces import TEXTS, TIMES, TOKENS, _trace, read

ABOUT = {"whose": "a test"}


def test_a_case_worked_out_by_hand(small):
    found = tables(small, ABOUT)
    totals, spread = found.totals, found.distributions
    assert (totals.sessions, totals.requests, totals.requests_without_api) == (2, 4, 1)
    assert (totals.in_tokens, totals.out_tokens, totals.new_tokens) == (7500, 175, 1000 + 2000 + 1000 + 1000)
    assert totals.in_per_out == 7500 / 175 and totals.prefix_hit == 2500 / 7500 and totals.new_per_out == 5000 / 175
    assert totals.wall_hours == pytest.approx(2) and totals.tool_wait_hours == pytest.approx(7 / 3600, rel=1e-5)
    assert totals.api_hours == pytest.approx(6 / 3600, rel=1e-5)  # without the answer after the hours
    assert totals.timed_hours == pytest.approx(7 / 3600, rel=1e-5) and totals.timed_out_tokens == 175
    assert totals.tokens_per_s == pytest.approx(175 / 7, rel=1e-5)
    assert totals.long_gap_hours == pytest.approx(7190 / 3600, rel=1e-5)
    assert totals.busy[0] == totals.busy[1] == pytest.approx(6 / 7200, rel=1e-5)
    assert found.compaction_share == 0.5 and found.long_sessions.sessions == 0
    assert spread["growth"].quantiles[0] == spread["growth"].mean == 1000 and spread["growth"].count == 1
    assert (spread["tool_wait_s"].mean, spread["user_wait_s"].mean) == (7, 7188)
    assert (spread["session_hours"].at(0), spread["session_hours"].at(100)) == (0, 2)
    assert spread["busy_share"].count == 1  # a session of one request lasts no time
    assert spread["in_per_out"].count == 3 and spread["in_per_out"].at(50) == 60
    assert found.context_by_turn.turns == (1, 2, 3) and found.context_by_turn.sessions == (2, 1, 1)
    assert found.context_by_turn.tokens["50"] == (1500, 3000, 1500)


def test_the_last_answer_of_a_session_and_the_first_of_the_next_are_no_neighbours(small):
    """b ends with tool_use, and a's first request has a think time of its own."""
    assert list(after(small, "tool_use")) == [7] and list(steps(small, small.in_tokens)) == [1000, -1500]


def test_an_answer_counts_until_the_next_request_and_a_wait_until_its_cap(write):
    """The first answer outlasts its gap of 100 s, the last begins when the hours end; the tools take 80 s and 30 s."""
    found = tables(read(write(
        "a,,,0,10,5,,,150,tool_use,", "a,,,100,10,5,,80,40,tool_use,", "a,,,200,10,5,,30,9000,,", "b,,,0,1,5,,,9000,,",
    )), ABOUT)
    totals = found.totals
    assert totals.busy[0] == totals.busy[1] == pytest.approx((100 + 40) / 200, rel=1e-5)
    assert (found.distributions["busy_share"].quantiles[0], found.distributions["busy_share"].count) == (0.7, 1)
    assert totals.tool_wait_hours == pytest.approx(110 / 3600, rel=1e-5)
    assert totals.tool_wait_hours_capped == pytest.approx((WAIT_CAP_S + 30) / 3600, rel=1e-5)
    assert totals.tokens_per_s == pytest.approx(20 / (150 + 40 + 2 * 9000), rel=1e-5)


@given(st.lists(st.tuples(st.integers(0, 500), st.one_of(st.none(), st.integers(0, 900))), min_size=2, max_size=20))
def test_no_share_of_the_hours_exceeds_one(requests):
    rows = [{column: "" for column in TEXTS} | dict.fromkeys((*TOKENS, *TIMES), math.nan) | {
        "in_tokens": 1.0, "out_tokens": 1.0, "t_s": float(sent),
        "api_time_s": math.nan if took is None else float(took),
    } for sent, took in requests]
    found = tables(_trace("x", rows), ABOUT)
    least, most = found.totals.busy
    assert math.isnan(least) or 0 <= least <= most <= 1 + 1e-5
    assert all(share <= 1 for share in found.distributions["busy_share"].quantiles)


def test_new_tokens_for_an_output_token_are_of_the_requests_of_which_they_are_known(write):
    found = tables(read(write("a,,,0,100,10,40,,,,", "a,,,5,100,90,,,,,")), ABOUT).totals
    assert (found.new_per_out, found.prefix_hit) == (6, 0.4)
    unknown = tables(read(write("a,,,0,100,10,,,,,", "a,,,5,100,90,,,,,")), ABOUT)
    assert all(math.isnan(value) for value in (
        unknown.totals.new_per_out, unknown.totals.prefix_hit, unknown.totals.tokens_per_s, *unknown.totals.busy,
    ))
    assert unknown.distributions["busy_share"].count == 0


@pytest.mark.parametrize(
    "rows",
    [["a,,,0,10,5,,,,,"], ["a,,,0,0,0,0,0,0,tool_use,"], ["a,,,0,10,5,,,,,", "b,,,3,10,5,,,,end_turn,"]],
    ids=["one request", "nothing at all", "two sessions of one"],
)
def test_a_trace_with_little_in_it_has_tables(write, rows):
    found = tables(read(write(*rows)), ABOUT)
    assert found.totals.requests == len(rows) and found.compaction_share == 0
    empty = found.distributions["tool_wait_s"]
    assert (empty.count, empty.mean, empty.quantiles) == (0, None, ()) and math.isnan(empty.at(50))
    assert math.isnan(empty.share_up_to(1)) and math.isnan(found.totals.busy[0])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(-1, 2e6))
def test_a_share_is_the_inverse_of_a_quantile(values, value):
    spread = Distribution("", "", len(values), 0.0, tuple(np.percentile(values, PERCENTS)))
    share = spread.share_up_to(value)
    assert 0 <= share <= 1
    if spread.at(0) < value < spread.at(100):
        assert spread.at(100 * share) == pytest.approx(value, abs=1e-6)
        assert abs(share - np.mean(np.array(values) <= value)) <= 1 / len(values) + 0.01
    assert all(low <= high for low, high in zip(spread.quantiles, spread.quantiles[1:], strict=False))


def test_a_percent_beyond_its_ends_is_refused():
    with pytest.raises(ValueError, match=r"percent = 101: expected 0 \.\. 100"):
        Distribution("", "", 1, 1.0, (1.0,) * 101).at(101)


def test_more_rows_of_the_same_kind_change_no_quantile(write):
    """Every session twice: sums double, nothing else changes."""
    once, twice = tables(read(write(*ROWS)), ABOUT), tables(read(write(*ROWS, *(f"2{row}" for row in ROWS))), ABOUT)
    assert twice.totals.in_tokens == 2 * once.totals.in_tokens
    assert twice.totals.in_per_out == once.totals.in_per_out
    assert twice.distributions["session_hours"].at(50) == once.distributions["session_hours"].at(50)


def ranked(values: np.ndarray, percent: int) -> float:
    """The quantile as the project's fact table takes it: the value of that rank, none between two."""
    return float(np.sort(values)[int(percent / 100 * len(values))])


@pytest.fixture(scope="module")
def facts(shared) -> dict[str, dict]:
    text = (shared / "facts.yaml").read_text(encoding="utf-8")
    return {entry["key"]: entry["value"] for entry in yaml.safe_load(text)["facts"]}


def waits_not_for_tools(trace) -> np.ndarray:
    """After any answer that called no tool, those that say nothing of their end included."""
    return np.concatenate([after(trace, stop) for stop in set(trace.stop) - {"tool_use"}])


MEASURED = {
    "weka.input_tokens": lambda trace: trace.in_tokens,
    "weka.output_tokens": lambda trace: trace.out_tokens,
    "weka.new_tokens": lambda trace: trace.in_tokens - trace.prefix_hit_tokens,
    "weka.growth": lambda trace: steps(trace, trace.in_tokens)[steps(trace, trace.in_tokens) > 0],
    "weka.tool_wait": lambda trace: after(trace, "tool_use"),
    "weka.user_wait": waits_not_for_tools,
    "weka.requests_per_session": lambda trace: np.diff(trace.first),
    "weka.session_minutes": lambda trace: np.array([np.ptp(trace.t_s[part]) / 60 for part in trace.slices()]),
}


@pytest.mark.parametrize("key", MEASURED)
def test_the_fact_table_s_quantiles_are_those_of_the_trace(recorded, facts, key):
    values = MEASURED[key](recorded)
    for name, value in facts[key].items():
        if name == "share_growing":
            assert (steps(recorded, recorded.in_tokens) > 0).mean() == pytest.approx(value, abs=5e-4)
        else:
            own = {"mean": values.mean, "max": values.max}.get(name, lambda name=name: ranked(values, int(name[1:])))()
            assert own == pytest.approx(value, abs=0.0501 if isinstance(value, float) else 0.501)


def test_the_fact_table_s_sums_are_those_of_the_trace(recorded, facts):
    found = tables(recorded, ABOUT)
    assert found.totals.sessions == facts["weka.sessions"] and found.totals.requests == 44082
    assert found.totals.in_per_out == pytest.approx(facts["weka.in_out_ratio"], abs=0.5)
    assert found.totals.prefix_hit == pytest.approx(facts["weka.prefix_hit"], abs=5e-4)
    assert found.totals.new_per_out == pytest.approx(facts["weka.miss_per_output"], abs=0.05)
    assert found.distributions["tokens_per_s"].at(50) == pytest.approx(facts["weka.api_tokens_per_s"], abs=0.5)


def test_the_two_facts_that_the_trace_does_not_give_are_near(recorded, facts):
    """Compaction and prefix: the table may count all 710 files that were there, 34 of them copies that the trace leaves
    out. Counted so, 132 of 710 would be the printed .186, which no whole number near 127 of 676 is but 126."""
    found = tables(recorded, ABOUT)
    assert found.compaction_share == pytest.approx(127 / 676, rel=1e-5) != pytest.approx(facts["weka.compaction_share"])
    assert round(132 / 710, 3) == facts["weka.compaction_share"]
    prefix = facts["weka.system_tools_prefix"]
    assert found.distributions["tool_tokens"].at(50) == pytest.approx(prefix["tool_p50"], rel=0.02)
    assert found.distributions["system_tokens"].at(50) == pytest.approx(prefix["system_p50"], rel=0.001)


def test_the_waits_after_an_answer_of_unknown_time_begin_before_it(recorded):
    """Why the table's wait for people is not ours: after an answer without a time, the wait counts from the last answer
    that has one, so it holds requests."""
    gaps = steps(recorded, recorded.t_s)
    untimed = np.isnan(recorded.api_time_s[:-1]) & (recorded.stop[:-1] == "")
    same = np.isin(np.arange(len(untimed)), recorded.first[1:-1] - 1, invert=True)
    waits, between = recorded.think_time_s[1:][untimed & same], gaps[untimed[same]]
    longer = known(waits - between)
    assert (longer > 1).mean() > 0.9


def test_the_headline_figures(recorded):
    """What the issue names."""
    found = tables(recorded, ABOUT)
    hours = found.distributions["session_hours"]
    assert (round(hours.at(50), 2), round(hours.at(90), 2), round(hours.at(100), 1)) == (0.96, 4.65, 82.5)
    assert found.long_sessions.sessions == 2 and found.long_sessions.busy[1] < 0.01
    assert found.distributions["busy_share"].at(100) < 1 and round(found.totals.tokens_per_s, 1) == 45.6
    answer, wait = (found.distributions[name] for name in ("api_time_s", "tool_wait_s"))
    capped = found.totals.tool_wait_hours_capped * 3600 / wait.count
    assert [round(answer.mean / (answer.mean + each), 2) for each in (wait.mean, capped)] == [0.16, 0.36]

"""Sessions that never happened, from the model that ships: laws that each keeps, and seeds."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.agent.test_sessions import same
from zhenwu.agent.fitted import FILE, MADE_BY, files, fitted
from zhenwu.agent.generate import generate_trace
from zhenwu.agent.quantiles import tables
from zhenwu.agent.session_model import EARLY, from_text, growth_band, growth_bands
from zhenwu.agent.sessions import trace_of
from zhenwu.agent.steps import Steps
from zhenwu.agent.traces import read
from zhenwu.agent.write_trace import as_csv

MOST_BYTES = 15_000


@pytest.fixture(scope="module")
def made():
    return generate_trace(fitted(), 7, 1000)


def test_a_seed_repeats_the_sessions_and_another_makes_others(made):
    assert same(generate_trace(fitted(), 7, 1000), made) and not same(generate_trace(fitted(), 8, 1000), made)
    assert same(trace_of(fitted().generate(7, 1000)), made)
    assert len(set(made.sessions)) == 1000 and made.sessions[0] == "made_0001"


def test_what_is_made_reads_back_as_a_trace_and_has_tables(made, tmp_path):
    (tmp_path / "made.csv").write_text(as_csv(made))
    assert same(read(tmp_path / "made.csv"), made)
    assert all(each.count for each in tables(made, {}).distributions.values())


def test_each_session_keeps_the_laws_of_a_trace(made):
    steps = Steps(made)
    assert (made.t_s[~steps.follows] == 0).all() and (steps.gap[steps.follows] >= 0).all()
    assert (made.in_tokens >= 1).all() and (made.out_tokens >= 0).all()
    assert (made.prefix_hit_tokens <= made.in_tokens).all() and (made.prefix_hit_tokens[~steps.follows] == 0).all()
    assert (made.prefix_hit_tokens[steps.grows] <= steps.before[steps.grows]).all()
    assert not (made.prefix_hit_tokens % fitted().block).any() and not (made.t_s % 1).any()
    assert (np.nan_to_num(made.tool_tokens + made.system_tokens) <= np.repeat(
        made.in_tokens[made.first[:-1]], np.diff(made.first))).all()


def test_an_answer_and_the_wait_after_it_fill_the_gap_to_the_next_request(made):
    steps = Steps(made)
    timed = steps.follows & steps.timed_before
    rest = steps.gap - np.roll(made.api_time_s, 1) - made.think_time_s
    assert np.abs(rest[timed]).max() <= 1.01  # both are rounded
    assert np.isnan(made.think_time_s[steps.follows & ~steps.timed_before]).all()


def test_a_context_is_beyond_the_limit_only_in_sessions_that_have_none(made):
    limit = max(each.most for each in fitted().limits)
    large = np.maximum.reduceat(made.in_tokens, made.first[:-1]) > limit
    assert 0.15 < large.mean() < 0.4
    limited = tuple(each for each in fitted().kinds if fitted().limits[each.limit].most)
    assert generate_trace(replace(fitted(), kinds=limited), 7, 300).in_tokens.max() <= limit


def test_no_session_is_refused_and_progress_is_told():
    with pytest.raises(ValueError, match="sessions = 0: expected 1 or more"):
        generate_trace(fitted(), 1, 0)
    told = []
    generate_trace(fitted(), 1, 20, lambda done, total: told.append((done, total)))
    assert told[-1] == (20, 20) and told == sorted(told)


@pytest.mark.parametrize(("turn", "context", "output", "band"), [
    (1, 0, 0, 0), (1, 99, 9, 1), (1, 500, 9, 2), (EARLY[1], 0, 0, 3), (EARLY[-1], 5, 99, 9), (EARLY[-1], 50, 0, 10),
    (99, 500, 3, 11), (99, 500, 9, 12),
])
def test_each_turn_has_a_table_of_growth(turn, context, output, band):
    small, outputs = (10, 100), (2, 5)
    assert growth_band(small, outputs, turn, context, output) == band < growth_bands(small, outputs) == 13


def test_the_file_is_small_says_whose_it_is_and_loses_nothing():
    text = files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8")
    about = json.loads(text)["about"]
    assert len(text.encode()) < MOST_BYTES and from_text(text).as_text() == text
    assert "other vendors' models" in about["whose"] and about["made_by"] == MADE_BY["made_by"]


def test_no_row_of_the_trace_can_be_read_off_the_file(recorded):
    """Its lists are far shorter than the sessions, and no number of tokens above a thousand is exact."""
    def numbers(part):
        if isinstance(part, dict):
            return [each for value in part.values() for each in numbers(value)]
        return [each for value in part for each in numbers(value)] if isinstance(part, list) else [part]

    def lengths(part):
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return [len(part) if isinstance(part, list) else 0, *(each for value in inner for each in lengths(value))]

    parts = json.loads(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8"))
    assert max(lengths(parts)) < 30 < len(recorded.sessions) / 20
    counts = [each for each in numbers(parts) if isinstance(each, float)]
    assert all(float(f"{each:.4g}") == each for each in counts)

"""The fit: what ships is what a fresh run makes, made-up quantiles are the recorded ones, and other traces fit too."""

import json
from dataclasses import replace

import numpy as np
import pytest

from zhenwu.agent import fit as fitting
from zhenwu.agent import holdout
from zhenwu.agent.committed import committed
from zhenwu.agent.compare import HELD, PERCENTS, PROMISED, Line, compared, promised
from zhenwu.agent.fit import fit, fit_trace
from zhenwu.agent.fitted import fitted, fresh
from zhenwu.agent.generate import generate_trace
from zhenwu.agent.json_traces import MOONCAKE
from zhenwu.agent.links import links
from zhenwu.agent.quantiles import tables
from zhenwu.agent.session_model import from_text
from zhenwu.agent.sessions import sessions_of, trace_of
from zhenwu.agent.traces import read

BAR = 0.10  # the issue's
MADE = 20_000
UNMOVED = (  # fields that are measured and stay as they are
    "about", "links", "clock_s", "block", "most_requests", "small", "outputs", "mood", "memory", "rest", "together",
    "compacted", "compacted_reuse", "trim", "trimmed", "broken_reuse", "first_reuse", "answer", "answer_factor",
    "tools", "system",
)


@pytest.fixture(scope="module", params=(1, 2, 3))
def made(request):
    return generate_trace(fitted(), request.param, MADE)


def test_made_up_quantiles_are_within_a_tenth_of_the_recorded_ones(made):
    lines = compared(committed(), tables(made, {}))
    assert {line.name for line in promised(lines)} == set(PROMISED)
    assert {line.name: line.ratios for line in promised(lines) if line.off > BAR} == {}
    assert lines[-1].name == "compacting" and abs(lines[-1].ratios[-1] - 1) < BAR


def test_means_and_tails_are_near(made):
    """Not promised, and not far: sums of tokens and hours are what a server pays for."""
    lines = {line.name: line.ratios for line in compared(committed(), tables(made, {}))}
    for name in ("requests_per_session", "session_hours", "in_tokens", "out_tokens", "growth", "tool_wait_s"):
        *_, last, mean = lines[name]
        assert abs(mean - 1) < 0.08 and abs(last - 1) < 0.2, name


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_what_goes_with_what_is_kept(seed):
    found = links(generate_trace(fitted(), seed, 4000))
    assert set(found) == set(fitted().links)
    assert max(abs(found[name] - value) for name, value in fitted().links.items()) < 0.12


def test_what_ships_is_what_a_fresh_run_makes(recorded):
    """What is measured to the digit; what is moved by made-up sessions as far as another processor's rounding allows,
    which changes which sessions are made up."""
    found, shipped = fresh(recorded), fitted()
    for name in UNMOVED:
        assert getattr(found, name) == pytest.approx(getattr(shipped, name), rel=1e-3) if name in (
            "small", "outputs", "mood", "memory", "rest", "answer") else getattr(found, name) == getattr(shipped, name)
    pairs = zip((*found.growth, *(each.output for each in found.stops)),
                (*shipped.growth, *(each.output for each in shipped.stops)), strict=True)
    for one, other in pairs:
        assert one.quantiles[7:16] == pytest.approx(other.quantiles[7:16], rel=0.1)


def test_halves_of_the_recording_differ_as_the_file_says(recorded):
    one, other = (tables(trace_of(half), {}) for half in holdout.halves(recorded))
    found = {line.name: holdout.off(line) for line in compared(other, one)}
    shipped = holdout.committed()
    assert {name: each[2] for name, each in shipped.items()} == {name: found[name] for name in shipped}


def test_sessions_that_were_held_out_are_met_as_well_as_half_the_recording_meets_the_other():
    """Of what is promised: no more than chance and a tenth; and of the half that it was fitted to the tenth alone, but
    for the shortest sessions, where one request more is a seventh."""
    for name, (own, other, chance) in holdout.committed().items():
        if name in PROMISED or name == "compacting":
            assert other < chance + BAR and (own < BAR or name == "requests_per_session" and own < 1 / 6.9), name


@pytest.fixture
def quick(monkeypatch):
    """A fit that is not repeated."""
    monkeypatch.setattr(fitting, "STEPS", ((500, 1.0),))


def test_a_model_of_other_sessions_makes_others(recorded, quick):
    """Only the sessions that never pass a small context: nobody compacts, and what is made stays small."""
    few = [each for each in sessions_of(recorded) if max(turn.in_tokens for turn in each.turns) < 100_000]
    model = fit(few)
    assert from_text(model.as_text()) == model and len(model.limits) == 1
    made = model.generate(1, 200)
    assert np.median([max(turn.in_tokens for turn in each.turns) for each in made]) < 100_000
    assert [each.name for each in made] == [f"made_{number:04}" for number in range(1, 201)]


def test_a_model_of_a_trace_with_little_in_it_makes_only_what_is_there(tmp_path, quick):
    """Mooncake's requests stand alone; reuse is known in blocks, times of answers and waits are not."""
    rng = np.random.default_rng(1)
    lines = [{"timestamp": 10 * at, "input_length": int(rng.integers(600, 9000)), "output_length": 7,
              "hash_ids": [0, at]} for at in range(60)]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, lines)))
    model = fit_trace(read(tmp_path / "mine.jsonl"))
    made = generate_trace(model, 3, 300)
    assert model.block == MOONCAKE.block and len(made.t_s) == 300 and set(made.out_tokens) == {7}
    assert 600 <= made.in_tokens.min() and made.in_tokens.max() < 9500
    assert all(np.isnan(getattr(made, name)).all() for name in ("think_time_s", "api_time_s", "tool_tokens"))


def test_too_few_sessions_are_refused(small):
    with pytest.raises(ValueError, match=r"mine\.csv: has 2 sessions; expected 20 or more to fit a model to"):
        fit_trace(small)


def test_progress_is_told(recorded, quick):
    told = []
    fit_trace(trace_of(sessions_of(recorded)[:60]), advance=lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]


def test_a_trace_beside_itself_is_not_off_and_beside_another_it_is():
    lines = compared(committed(), committed())
    assert len(PERCENTS) == 1 + len(HELD) and all(line.off == 0 for line in lines[:-1])
    line = Line("x", "", (0, 2, 2, 2, 2, 2, 2), (1, 2, 2, 2, 2, 2, 3))
    assert line.off == float("inf") and line.ratios[-1] == 1.5


def test_nothing_over_nothing_is_shown_as_a_dash():
    line = Line("x", "", (0, 0, 2, float("nan"), 2, 2, 2), (0, 1, 2, float("nan"), 0, 2, 3))
    assert line.shown == ("-", "inf", "1.00", "-", "0.00", "1.00", "1.50")


def test_a_table_that_is_wrong_is_found_by_its_quantiles():
    twice = replace(fitted(), growth=tuple(
        replace(each, quantiles=tuple(1.3 * value for value in each.quantiles)) for each in fitted().growth))
    lines = compared(committed(), tables(generate_trace(twice, 1, 2000), {}))
    assert max(line.off for line in lines if line.name == "growth") > BAR

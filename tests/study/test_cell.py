"""The agent that ships, in short sessions: it works, repeats, and does as the committed study says."""

import json
from importlib.resources import files

import numpy as np
import pytest

from zhenwu.agent.binomial import interval
from zhenwu.agent.mind import Format
from zhenwu.agent.session import Harness
from zhenwu.study.cell import Cell, Voice, agent, check_by, run
from zhenwu.study.cells import MXFP4, OTHERS, cells

SHORT = Harness(calls=12)


def test_the_agent_that_ships_works():
    found = run(Cell(Voice(), SHORT, 64))
    assert found.turns >= 64 * 12 and found.wrong <= 1


def test_a_cell_repeats_to_the_turn():
    cell = Cell(Voice("plain", MXFP4["floor"]), SHORT, 24)
    first, again = run(cell), run(cell)
    assert all(np.array_equal(first.columns[name], again.columns[name]) for name in first.columns)


def test_what_a_session_does_does_not_depend_on_its_neighbours():
    together = run(Cell(Voice("plain", MXFP4["floor"]), SHORT, 24, batch=24)).columns
    alone = run(Cell(Voice("plain", MXFP4["floor"]), SHORT, 24, batch=5)).columns
    order = np.lexsort((alone["compactions"], alone["call"], alone["session"]))
    other = np.lexsort((together["compactions"], together["call"], together["session"]))
    assert all(np.array_equal(alone[name][order], together[name][other]) for name in alone)


def test_a_four_bit_cache_makes_it_err_and_a_check_reads_more():
    spoilt = run(Cell(Voice("plain", Format(kv="mxfp4")), Harness(calls=40), 48))
    assert spoilt.wrong > 5 and spoilt.checking_tokens == 0
    twice = run(Cell(Voice("plain", MXFP4["floor"]), SHORT, 16, OTHERS))
    assert twice.checking_tokens >= twice.tokens
    assert twice.columns["doubted"].sum() >= (twice.columns["first_wrong"] & ~twice.columns["second_wrong"]).sum()


def test_the_small_agent_reads_along_and_the_large_one_is_asked():
    check = check_by(OTHERS, 2, SHORT)
    assert check.second.model is agent("small") and check.third.model is agent("large")
    small, first, large = (sum(w.size for w in agent(name).weights.values()) for name in ("small", "qat", "large"))
    assert small < first < large


def test_agents_of_other_trainings_mend_what_plain_weights_get_wrong():
    found = run(Cell(Voice("plain", MXFP4["floor"]), Harness(calls=25), 64, OTHERS, seed=78_000_000))
    assert found.columns["first_wrong"].sum() > 3 and found.wrong <= 1


def test_weights_that_do_not_ship_are_refused_by_name():
    with pytest.raises(ValueError, match="weights third: expected one of plain, qat, small, large"):
        agent("third")


STUDY = json.loads(files("zhenwu.data").joinpath("agent_study.json").read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("group", ["formats", "remedies"])
def test_the_committed_study_is_what_a_fresh_run_finds(group):
    """The cell with the most errors, with other seeds: both intervals must share a value."""
    known = max((cell for cell in STUDY if cell["group"] == group), key=lambda cell: cell["error"])
    cell = next(cell for cell in cells()[group] if str(cell) == known["name"])
    fresh = run(Cell(cell.first, Harness(calls=25), 64, cell.check, seed=77_000_000))
    low, high = interval(fresh.wrong, fresh.turns, 0.999)
    assert low <= known["high"] and known["low"] <= high

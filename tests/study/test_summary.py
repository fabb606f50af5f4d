"""The summary of a cell: counts that add up, survival by the first error, and ratios with their intervals."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from zhenwu.agent.binomial import interval
from zhenwu.agent.mind import Format
from zhenwu.agent.session import Harness
from zhenwu.spec.agent_session import SESSIONS
from zhenwu.study.cell import COLUMNS, Cell, Opinions, Outcome, Voice
from zhenwu.study.cells import REPORTED_CALLS, cells
from zhenwu.study.summary import AT_CALLS, as_text, lost, of_cell, ratio_interval, summary


def outcome(wrong_at: dict[int, list[int]], calls: int = 40) -> Outcome:
    """Sessions of so many calls, a turn a call; `wrong_at` says which turns of which session are wrong."""
    rows = {name: [] for name in COLUMNS}
    for session, wrong in wrong_at.items():
        for call in range(calls):
            values = {
                "session": session, "call": call, "context": 20 + 10 * (call % 10), "compactions": call // 10,
                "errors_in_context": sum(w < call and w // 10 == call // 10 for w in wrong),
                "errors": sum(w < call for w in wrong), "wrong": call in wrong, "doubted": False, "first_wrong": False,
                "second_wrong": False,
            }
            for name, value in values.items():
                rows[name].append(value)
    columns = {name: np.array(rows[name], kind) for name, kind in COLUMNS.items()}
    return Outcome(Cell(Voice(), Harness(calls=calls), len(wrong_at)), columns, 1000, 0, 1.0)


FOUND = outcome({1: [], 2: [15, 16], 3: [30], 4: []})


def test_a_session_survives_until_its_first_wrong_turn():
    assert [FOUND.survived(calls)[0] for calls in (12, 15, 16, 30, 31)] == [4, 4, 3, 3, 2]
    assert FOUND.first_errors().tolist() == [math.inf, 15, 30, math.inf]


def test_bins_hold_every_turn_once_and_those_of_age_only_turns_up_to_the_first_error():
    cell = of_cell("a", FOUND)
    assert sum(turns for *_, turns, _ in cell["bins"]["errors_in_context"]) == cell["turns"] == 160
    assert sum(turns for *_, turns, _ in cell["bins"]["call"]) == 40 + 16 + 31 + 40
    assert sum(wrong for *_, wrong in cell["bins"]["call"]) == 2
    assert sum(wrong for *_, wrong in cell["bins"]["errors_in_context"]) == cell["wrong"] == 3


def test_the_hazard_counts_first_errors_over_turns_without_one_before():
    cell = of_cell("a", FOUND)
    assert (cell["failed"], cell["clean_turns"]) == (2, 40 + 16 + 31 + 40)
    assert cell["hazard_low"] < cell["hazard"] == 2 / 127 < cell["hazard_high"]


def test_after_an_own_error_in_context_the_next_is_seen_as_such():
    bins = {low: (turns, wrong) for low, _, turns, wrong in of_cell("a", FOUND)["bins"]["errors_in_context"]}
    assert bins[1] == (1 + 9, 1)  # session 2: turn 16 alone, before it is wrong too; session 3: turns 31 to 39
    assert bins[2] == (3, 0)


def test_a_slope_takes_the_turns_of_a_session_for_one_draw():
    """The same turns as one session each: sessions that err in runs are fewer draws, so their interval is wider."""
    runs = outcome({seed: [3, 4, 5, 6] if seed < 8 else [] for seed in range(40)})
    many = replace(runs.cell, sessions=runs.turns)
    alone = replace(runs, cell=many, columns=runs.columns | {"session": np.arange(runs.turns)})
    of_runs, of_turns = (of_cell("a", each)["slopes"][-1] for each in (runs, alone))
    assert of_runs["value"] == pytest.approx(of_turns["value"])
    assert of_runs["high"] - of_runs["low"] != pytest.approx(of_turns["high"] - of_turns["low"], rel=0.05)


def test_beside_each_agent_stands_float32_of_its_group_on_the_same_seeds():
    often, seldom = ({seed: [5] if seed % one == 0 else [] for seed in range(60)} for one in (2, 5))
    plain = outcome(seldom)
    narrow = outcome(often)
    narrow = replace(narrow, cell=replace(narrow.cell, first=Voice("plain", Format("mxfp4"))))
    first, second, other = summary([("a", plain), ("a", narrow), ("b", narrow)])["cells"]
    assert first["paired"] is None and other["paired"] is None
    assert (second["paired"]["seeds"], second["paired"]["both"], second["paired"]["this"]) == (60, 6, 24)
    assert second["paired"]["ratio"] > 1


def test_the_summary_is_json_without_infinities():
    text = as_text(summary([("a", FOUND), ("b", outcome({1: []}))]))
    assert [cell["group"] for cell in json.loads(text)["cells"]] == ["a", "b"]


def test_the_sessions_measured_are_those_of_the_spec():
    """Whole numbers in the spec, so that nothing is cut off; the longest cells reach the longest session."""
    assert [session.calls.value % 1 for session in SESSIONS] == [0] * len(SESSIONS)
    assert max(cell.harness.calls for cell in cells()["stress"]) == AT_CALLS[-1] == max(s.calls.value for s in SESSIONS)


def test_a_ratio_of_rates_has_the_interval_of_a_share():
    ratio, low, high = ratio_interval(10, 1000, 20, 2000)
    assert ratio == pytest.approx(1.0)
    share = interval(10, 30)
    assert (low, high) == pytest.approx((share[0] / (1 - share[0]) * 2, share[1] / (1 - share[1]) * 2))


def test_without_an_error_in_the_reference_a_ratio_has_no_end():
    assert ratio_interval(3, 100, 0, 100)[::2] == (math.inf, math.inf)
    assert ratio_interval(0, 100, 5, 100)[:2] == (0.0, 0.0)


def test_a_ratio_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(2000):
        low, high = ratio_interval(rng.poisson(12), 6000, rng.poisson(6), 3000)[1:]
        hits += low <= 1 <= high
    assert hits / 2000 >= 0.945


def test_the_groups_answer_what_the_study_asks():
    groups = cells()
    formats = {str(cell.first.how) for cell in groups["formats"]}
    assert {"fp32", "bf16", "mxfp8 floor", "w4a8 floor", "nvfp4", "mxfp4 floor", "mxfp4 even", "mxfp4 rceil"} <= formats
    assert {(cell.first.how.kv, cell.harness.limit) for cell in groups["kv"]} >= {
        (kv, limit) for kv in ("fp32", "fp8", "mxfp8", "mxfp4") for limit in (64, 256, 1000, 2000)
    }
    assert {cell.harness.kind for cell in groups["control"]} == {"carry", "reset"}
    assert all(cell.harness.kind == "carry" and cell.harness.calls >= REPORTED_CALLS for cell in groups["headline"])


def test_a_checked_session_is_lost_by_both_opinions_or_by_one_of_them():
    wrong, first, second = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0], [1, 0, 0, 1, 1, 1]], bool)
    assert lost(wrong, first, second) == {"both": 1, "first": 2, "second": 1}


def test_what_opinions_had_wrong_is_counted_up_to_the_first_wrong_turn():
    slipped = outcome({1: [2]})
    call = slipped.columns["call"]
    columns = slipped.columns | {"first_wrong": call >= 2, "second_wrong": call >= 1}
    kin = Opinions("kin", Voice("plain"), Voice("qat"))
    found = of_cell("made", replace(slipped, cell=replace(slipped.cell, check=kin), columns=columns))
    assert (found["first_wrong"], found["second_wrong"], found["second_also"]) == (1, 2, 1)
    assert found["lost"] == {"both": 1, "first": 0, "second": 0} and of_cell("made", slipped)["lost"] is None

"""Numbers out of recorded sessions for a chapter's cells, and reads of a cache on model and hardware."""

import pytest

from tests.agent.conftest import COLUMNS
from zhenwu.agent.committed import committed
from zhenwu.chapter.kv_reads import Manner, on_hardware, on_model
from zhenwu.chapter.sessions import (
    HOURS,
    hours_spent,
    mean_pace,
    mean_tokens,
    pace,
    periods,
    points,
    tables_of,
    tokens,
    working_shares,
)
from zhenwu.cycle.hbm.dq_path import DqPath


def trace(tmp_path, *rows):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join((",".join(COLUMNS), *rows)) + "\n")
    return path


def test_without_a_path_the_package_s_tables_serve(tmp_path):
    assert tables_of(None) is committed()
    assert tables_of(trace(tmp_path, "a,,,0,10,5,0,0,2,,")).totals.requests == 1


def test_numbers_of_a_case_worked_out_by_hand(tmp_path):
    found = tables_of(trace(tmp_path, "a,,,0,100,60,0,0,2,tool_use,", "a,,,10,300,20,90,8,2,end_turn,"))
    assert tokens(found, "in_tokens").value == mean_tokens(found, "in_tokens").value == 200
    assert tokens(found, "in_tokens", 100).value == 300
    assert tokens(found, "in_tokens").source[0].title.startswith("your trace: ")
    assert (pace(found).value, pace(found).unit) == (20, "1/s")
    assert mean_pace(found).value == pytest.approx(80 / 4, rel=1e-4) and mean_pace(found).unit == "1/s"
    assert [share.value for share in working_shares(found)] == pytest.approx([2 / (2 + 8)] * 2, abs=1e-4)
    assert [time.value for time in periods(found)] == pytest.approx([2 + 8] * 2, abs=1e-3)
    assert "other vendors' models" in tokens(committed(), "in_tokens").source[0].title
    assert hours_spent(found.totals) == pytest.approx(dict(zip(HOURS, (0.2, 0.8, 0), strict=True)), abs=1e-5)
    assert points(found.distributions["in_tokens"], (0, 100)) == [(0, 100), (100, 300)]


def test_a_long_wait_counts_for_a_minute_at_one_end_of_the_range(tmp_path):
    rows = ("a,,,0,9,6,0,0,20,tool_use,", "a,,,40,9,6,0,20,20,tool_use,", "a,,,280,9,6,0,220,20,tool_use,")
    found = tables_of(trace(tmp_path, *rows))  # waits of 20 and 220 s; with a minute at most, 40 s on average
    assert [share.value for share in working_shares(found)] == pytest.approx([20 / 140, 20 / 60], abs=1e-4)
    assert [time.value for time in periods(found)] == pytest.approx([60, 140], abs=1e-2)


def test_one_request_without_times_has_no_pace_and_says_so(tmp_path):
    found = tables_of(trace(tmp_path, "a,,,0,10,5,0,0,,,"))
    with pytest.raises(ValueError, match="the trace has no value of this: output over the answer's time"):
        pace(found)
    with pytest.raises(ValueError, match="the trace has no value of this: time of the answer"):
        working_shares(found)
    with pytest.raises(ValueError, match="the trace has no time of an answer"):
        mean_pace(found)
    assert sum(hours_spent(found.totals).values()) == 0


def test_the_hardware_reads_a_cache_as_its_model_does():
    manner = Manner(160, 8)
    model, hardware = on_model(manner), on_hardware(manner)
    assert model.counted == hardware.counted and list(model.commands) == list(hardware.commands)
    assert hardware.compared > hardware.counted.took > 2 * manner.lines
    assert on_hardware(Manner(160, 8, {"read_entries": 4})).counted.took > hardware.counted.took


def test_a_wrong_line_is_no_measurement(monkeypatch):
    monkeypatch.setattr(DqPath, "step", lambda self, *world, honest=DqPath.step: honest(self, *world[:2], 0, world[3]))
    for how in (on_model, on_hardware):
        with pytest.raises(RuntimeError):
            how(Manner(20, 4))

"""The tables that ship: small, no rows, equal to a fresh run, and plain about whose sessions they are."""

import json

import pytest

from zhenwu.agent import committed, remade
from zhenwu.agent.quantiles import PERCENTS
from zhenwu.agent.traces import read
from zhenwu.spec.qwen_max import HOURS

MOST_BYTES = 50_000


def text() -> str:
    return committed.files("zhenwu.data").joinpath(committed.FILE).read_text(encoding="utf-8")


def test_the_file_is_what_a_fresh_run_makes(recorded):
    assert committed.fresh(recorded) == text()


def test_the_file_is_small_and_says_whose_sessions_they_are():
    about = json.loads(text())["about"]
    assert len(text().encode()) < MOST_BYTES
    assert "other vendors' models" in about["whose"] and "none is a Qwen" in about["whose"]
    assert about["licence"] == "Apache-2.0" and "callanjfox/kv-cache-tester" in about["source"]
    assert "29 largest" in about["selection"] and "python -m zhenwu.agent.committed" in about["made_by"]


def test_the_file_holds_quantiles_and_no_list_as_long_as_the_sessions():
    def lengths(part):
        if isinstance(part, dict):
            return [length for each in part.values() for length in lengths(each)]
        return [len(part)] if isinstance(part, list) else []

    assert max(lengths(json.loads(text()))) == len(PERCENTS) < committed.committed().totals.sessions / 5


def test_reading_the_file_loses_nothing():
    assert committed.as_text(committed.committed()) == text()
    assert committed.committed().long_sessions.wall_hours > 2 * float(HOURS)


def test_a_reader_s_file_says_that_nobody_knows_whose_it_is(write):
    found = committed.of_file(write("a,,,0,10,5,,,,,"))
    assert "cannot know" in found.about["whose"] and found.about["source"] == "mine.csv"
    assert "licence" not in found.about


def test_the_command_writes_the_file_or_says_why_not(small, write, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(remade, "DATA", tmp_path / "data")
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(remade.sys, "argv", ["x", str(tmp_path / "mine.csv")])
    committed.main()
    made = tmp_path / "data" / committed.FILE
    assert made.read_text(encoding="utf-8") == committed.fresh(read(tmp_path / "mine.csv"))
    assert [path.name for path in (tmp_path / "data").iterdir()] == [committed.FILE]
    monkeypatch.setattr(remade.sys, "argv", ["x", str(tmp_path / "none.csv")])
    with pytest.raises(SystemExit, match=r"none\.csv: there is no such file"):
        committed.main()

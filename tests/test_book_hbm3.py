"""The cells of the chapter "HBM3 from the cell up" run as a plain script, and what its words say holds."""

import re

import pytest

import zhenwu.chapter
from tests.test_book import text_of
from tests.test_book_cells import Shown
from zhenwu import exercises
from zhenwu.cosim.hbm.judged_commands import judge
from zhenwu.exercises.hbm3_from_the_cell_up import lines_needed, most_cells
from zhenwu.golden.hbm.bound import opening_bound
from zhenwu.spec.dram_cell import BIT_LINE_EACH, CELL, VOLTAGE, swing
from zhenwu.spec.hbm3 import HBM3_6400, HBM3_9600
from zhenwu.spec.hbm3_rules import TIMING_RULES
from zhenwu.spec.sourced import Sourced

PAGE = "hbm3_from_the_cell_up"


def test_the_cells_of_hbm3_from_the_cell_up_agree_with_each_other(monkeypatch, tmp_path):
    """Paper, model and hardware meet; the lists are as their words say; no layout passes what rows allow it."""
    forms, kept = [], {}

    def keep(name, value, *words, **form):
        kept[name] = value.value if isinstance(value, Sourced) else value

    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", keep)
    shown = Shown(text_of(PAGE), monkeypatch, tmp_path)
    names = shown.names
    assert 200 < kept["swing"] < 300 and 100 < kept["swing_ddr"] < 130 and 0.2 < kept["drained"] < 0.3
    assert names["paper"] == names["models"] == names["rtl"] and len(names["paper"]) == 7
    assert kept["hit_ck"] < kept["closed_ck"] < kept["conflict_ck"] == kept["times"] * 2
    assert kept["conflict_ck"] == sum(int(getattr(HBM3_6400, each)) for each in ("nRP", "nRCDRD", "nCL", "nBL"))
    assert kept["burst_ns"] == 1.25 and kept["pseudo_rate"] == 25.6 and kept["stack_rate"] == pytest.approx(819.2)
    assert 49 < kept["conflict_ns"] < 50 and kept["fifth_act"] == int(HBM3_6400.nFAW)
    assert kept["added"] == kept["writes_ck"] - kept["reads_ck"]
    assert kept["rules"] == len(TIMING_RULES) > 4 * kept["rules_shown"] and 0 < kept["rules_assumed"] < kept["rules"]
    assert kept["left_stream"] < kept["left"] and 0.9 < kept["rows_each"] <= 1
    assert kept["hasty_wrong"] == 0 < kept["hasty_reads"] == kept["hasty_broken"] < kept["hasty_sent"]
    assert kept["early_said"].endswith("nRCDRD") and kept["random_share"] == pytest.approx(100 / 3)
    assert kept["random_model"] < kept["random_share"]
    assert kept["short_row"] > 1.8 * kept["short_turn"] and kept["long_row"] < kept["long_turn"] < 1
    assert kept["layer_least"] == 2 * kept["layer_lines"] and kept["layer_each"] > 16
    listed = [text.partition(".")[0] for text in shown if re.match("Right|Not yet", text)]
    assert [text.startswith("Right") for text in listed] == [True, True, True, False]
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True]
    assert forms == [exercises.find("ex-cells").right(20_000, 50, 600, 170)]
    assert list(tmp_path.iterdir()) == []


def test_the_list_to_try_is_right_and_can_end_sooner():
    (text,) = re.findall(r"^```\{commands\} \w+\n\n(.*?)^```", text_of(PAGE), re.M | re.S)
    found = judge(text)
    spare = [each.command.cycle - wait.earliest for each, wait in zip(found.listed, found.waits, strict=True)]
    assert not found.broken and max(spare[1:]) > 10 and 0 in spare


@pytest.mark.parametrize("timing", [HBM3_6400, HBM3_9600], ids=["6400", "9600"])
def test_the_exercise_on_shares_agrees_with_the_bound(timing):
    for percent in range(1, 100):
        lines = lines_needed(percent, *(timing.total(name) for name in ("nRRDS", "nFAW", "nBL")))
        assert opening_bound(lines, timing) >= percent / 100 - 1e-9
        assert lines == 1 or opening_bound(lines - 1, timing) < percent / 100


def test_the_exercise_on_cells_agrees_with_the_swing():
    cells = most_cells(1000 * int(CELL), round(1000 * float(BIT_LINE_EACH)), round(500 * float(VOLTAGE)), 170)
    longest, longer = (
        float(swing(CELL, BIT_LINE_EACH * Sourced(count, "", "a test", "derived"), VOLTAGE))
        for count in (cells, cells + 1)
    )
    assert longer < 0.170 <= longest

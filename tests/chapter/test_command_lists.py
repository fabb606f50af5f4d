"""Lists of commands, limits and cells as the chapter on HBM3 shows them."""

import re
from xml.etree import ElementTree

import pytest

from zhenwu.chapter.command_lists import commands, recorded, rule_rows, said_of
from zhenwu.chapter.dram_cell import bit_line_voltage, cell_sketch, swings
from zhenwu.chapter.hbm_limits import by_commands, by_paper, hasty, many_rows, on_model, one_bank, starts
from zhenwu.cycle.hbm.command_list import BadCommand
from zhenwu.cycle.hbm.kv_read import kv_read
from zhenwu.spec.dram_cell import DDR_SWING, SWING, VOLTAGE
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES

GOOD = "\n0 ACT bg=0 ba=0 row=5\n31 RD bg=0 ba=0\n"
SENTENCE = "A row opens, and its first line leaves on DQ."


def test_a_list_is_shown_with_its_verdict():
    said = str(commands(GOOD, "A read.", SENTENCE))
    assert said.startswith("Right: 2 commands, and no rule is broken.\n[figure] A read.")
    early = commands(GOOD.replace("31", "30"))
    assert 'class="verdict verdict-open"><strong>Not yet.</strong> Line 2, CK 30' in early.html
    ElementTree.fromstring(f"<div>{early.html}</div>")


def test_lines_are_counted_from_the_first_one_written():
    with pytest.raises(BadCommand, match="^line 1: "):
        commands("\nOPEN\n")


def test_what_the_checker_says_of_a_list():
    assert said_of(GOOD) == "nothing"
    assert said_of(GOOD.replace("31", "30")) == "CK 30: RD 30 CK after ACT, expected 31: bank: ACT -> RD: nRCDRD"


def test_the_rules_of_some_commands_are_all_there_and_no_others():
    found = rule_rows(("ACT", "RD"))
    window = ("pseudo channel", "ACT to ACT, every 5th", "nFAW", 24)
    assert ("bank", "ACT to RD", "nRCDRD", 31) in found and window in found
    plain = [rule for rule in TIMING_RULES if {rule.preceding, rule.following} <= {"ACT", "RD"} and not rule.sibling]
    assert len(found) == len(plain) > 5
    assert not [pair for _, pair, *_ in rule_rows() if re.search(r"A\b|PREab|REF", pair)]


def test_the_model_meets_every_limit_of_paper():
    """The table of limits, worked out by hand."""
    paper = by_paper()
    assert paper == by_commands(on_model)
    assert list(paper.values()) == [22, 53, 79, 72, 86, 4, 24]


def test_five_rows_open_at_the_distances_of_the_window():
    assert starts(on_model(many_rows(6)).commands) == [0, 4, 8, 12, 24, 28]
    shown = recorded(on_model(many_rows(6)).commands, "Six rows.", SENTENCE)
    assert shown.html.count('class="opening"') == 6


def test_a_controller_that_believes_in_a_faster_memory_returns_right_data_and_breaks_a_rule_each_time():
    asked = kv_read(20, 1, 1)
    wrong, broken, sent = hasty(asked, nRCDRD=HBM3_6400.total("nRCDRD") - 1)
    assert wrong == 0 and len(broken) == len(asked) < sent
    assert {each.rule.gap for each in broken} == {("nRCDRD",)}
    assert hasty(asked)[1] == [] and hasty(one_bank(True).asked, nWR=20)[1] != []


def test_the_swings_are_the_spec_s_where_a_bit_line_has_as_many_cells():
    found = swings([256, 512])
    assert dict(found["a first HBM"])[512] == pytest.approx(1000 * float(SWING))
    assert dict(found["a DDR memory"])[512] == pytest.approx(1000 * float(DDR_SWING))
    assert all(points[0][1] > points[1][1] for points in found.values())


def test_a_bit_line_leaves_half_and_comes_back_to_it():
    for stored in (True, False):
        points = bit_line_voltage(stored)
        volts = [volt for _, volt in points]
        half = float(VOLTAGE) / 2
        assert [ck for ck, _ in points] == sorted(ck for ck, _ in points)
        assert volts[0] == volts[1] == volts[-1] == half and volts[3] == volts[4] == 2 * half * stored
        assert volts[2] - half == pytest.approx(float(SWING) if stored else -float(SWING))
        assert points[-2][0] == HBM3_6400.total("nRAS", "nRP")


def test_the_sketch_of_a_cell_is_well_formed():
    ElementTree.fromstring(cell_sketch())
    assert cell_sketch().count("capacitor") == cell_sketch().count("transistor") == 2

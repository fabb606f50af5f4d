"""What is said, tabled and drawn of a list of commands: the checker's own findings, each with the line it stands in."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hbm.test_command_list import commands, written
from zhenwu.cosim.hbm.command_picture import LONGEST, picture
from zhenwu.cosim.hbm.judged_commands import judge, judged
from zhenwu.cycle.hbm.command_list import command_list
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.spec.hbm3 import HBM3_6400, DramAddress, DramCommand

GOOD = "# a read\n0 ACT bg=0 ba=0 row=5\n\n31 RD bg=0 ba=0 col=3\n45 PREpb bg=0 ba=0"
EARLY = GOOD.replace("31 RD", "30 RD")
FIVE = "\n".join(f"{ck} ACT bg={index % 4} ba={index // 4} row=0" for index, ck in enumerate((0, 4, 8, 12, 24)))


def rows(table: str) -> list[list[str]]:
    body = re.sub(r" class='(wrong|words)'", "", table.partition("<tbody>")[2])
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


def test_a_list_that_keeps_the_rules_is_right():
    shown = judged(GOOD)
    assert shown["outcome"] == "right" and shown["verdict"] == "Right: 3 commands, and no rule is broken."
    assert "DQ carries 1 line: the first from CK 51 on, the last until CK 53" in shown["summary"]
    assert "met to the CK: nRAS, nRCDRD" in shown["summary"]
    assert rows(shown["table"]) == [
        ["2", "0", "ACT bg=0 ba=0 row=5", "0", "nothing"],
        ["4", "31", "RD bg=0 ba=0 row=5 col=3", "31", "nRCDRD from line 2"],
        ["5", "45", "PREpb bg=0 ba=0", "45", "nRAS from line 2"],
    ]
    assert "late" not in re.sub(r"<style>.*?</style>", "", shown["wave"], flags=re.S)


def test_a_command_that_comes_early_is_named_with_its_line_and_drawn_in_red():
    shown = judged(EARLY)
    assert shown["outcome"] == "wrong" and shown["verdict"] == (
        "Not yet: line 4, CK 30: RD 30 CK after ACT, expected 31: bank: ACT -&gt; RD: nRCDRD. "
        "1 of 3 commands breaks a rule."
    )
    assert "<td class='wrong'>30</td>" in shown["table"] and rows(shown["table"])[1][3:] == ["31", "nRCDRD from line 2"]
    assert shown["wave"].count('class="late"') == 2 and ">30, not 31<" in shown["wave"]  # a tick and the way to it


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 RD bg=0 ba=0", "line 1, CK 0: RD: no row is open in its bank"),
        ("0 ACT bg=0 ba=0 row=1\n31 RD bg=0 ba=0 row=2", "line 2, CK 31: RD: row 1 is open, expected 2"),
        ("0 ACT bg=0 ba=0 row=1\n80 REFab", "line 2, CK 80: REFab: a bank is open"),
        ("5 ACT bg=0 ba=0 row=1\n6 ACT bg=1 ba=0 row=1", "the rise slot of CK 6 belongs to ACT"),
    ],
)
def test_a_broken_state_is_a_sentence_too(text, sentence):
    shown = judged(text)
    assert shown["outcome"] == "wrong" and sentence in shown["verdict"]
    ElementTree.fromstring(shown["wave"])


def test_five_rows_may_open_as_the_window_says_and_no_sooner():
    assert judged(FIVE)["outcome"] == "right" and rows(judged(FIVE)["table"])[4][3:] == ["24", "nFAW from line 1"]
    assert "nFAW" in judged(FIVE.replace("24 ACT", "23 ACT"))["verdict"]


def test_of_two_rules_that_end_a_ck_apart_the_later_one_decides():
    table = judged("0 ACT bg=0 ba=0 row=1\n2 ACT bg=1 ba=0 row=1\n9 ACT bg=0 ba=1 row=1")["table"]
    assert rows(table)[2][3:] == ["6", "nRRDS from line 2"]  # nRRDL from line 1 says 5


def test_a_line_that_is_no_command_is_an_error_with_its_number():
    shown = judged("0 ACT bg=0 ba=0 row=5\n31 READ <b>")
    assert shown["outcome"] == "error" and shown["verdict"].startswith("Line 2: &quot;READ&quot;: expected a command")
    assert not any(shown[part] for part in ("summary", "table", "wave", "output"))


@settings(max_examples=60)
@given(commands())
def test_the_verdict_is_the_checker_s_and_the_drawing_well_formed(made):
    text = "\n".join(map(written, made))
    checker = TimingChecker()
    for command in made:
        checker.check(command)
    assert judge(text).broken == checker.violations
    ElementTree.fromstring(judged(text)["wave"])


@given(commands(), st.integers(0, 11))
def test_a_command_in_the_ck_that_its_row_names_breaks_no_gap_and_one_before_does(made, index):
    """The last of a list, moved to where the table allows it."""
    made = made[: index + 1]
    wait = judge("\n".join(map(written, made))).waits[-1]
    if wait.rule is None or (len(made) > 1 and wait.earliest <= made[-2].cycle):
        return
    for at, kept in ((wait.earliest, True), (wait.earliest - 1, False)):
        moved = [*made[:-1], DramCommand(at, made[-1].op, made[-1].address)]
        gaps = [each for each in judge("\n".join(map(written, moved))).broken
                if each.gap is not None and each.second.cycle == at and each.second.op == moved[-1].op]
        assert (not [each for each in gaps if each.second == moved[-1]]) == kept


def test_a_picture_shows_the_banks_that_are_named_and_every_burst():
    svg = picture(command_list("0 ACT bg=2 ba=3 row=1\n31 RD bg=2 ba=3\n35 RD bg=2 ba=3\n64 WR bg=2 ba=3"), "A title")
    assert svg.count('class="name"') == 2 and "group 2 bank 3" in svg
    assert svg.count('class="read-burst"') == 2 and svg.count('class="write-burst"') == 1
    begin = float(re.search(r'class="write-burst" x="([\d.]+)"', svg)[1])
    end = float(re.search(r'class="write" x1="([\d.]+)"', svg)[1])
    scale = float(re.search(r'class="opening" [^>]*width="([\d.]+)"', svg)[1]) / HBM3_6400.total("nRCDRD")
    assert begin - end == pytest.approx(HBM3_6400.total("nCWL") * scale, abs=0.2)


def test_a_long_list_is_drawn_from_its_end():
    place = DramAddress()
    svg = picture([DramCommand(0, "ACT", place), DramCommand(90_000, "RD", place)], "Long")
    assert float(re.search(r'width="(\d+)"', svg)[1]) < 1000 < LONGEST * 2


def test_it_needs_the_standard_library_alone():
    """As in a reader's page: neither numpy nor MyHDL."""
    program = (
        "import sys\nsys.modules.update(dict.fromkeys(('numpy', 'myhdl', 'hdl'), None))\n"
        "from zhenwu.cosim.hbm.judged_commands import judged\nprint(judged('0 PREab')['outcome'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "right\n", done.stderr

"""Recorded sessions as HTML: every turn with what belongs to it, marks where something happened, nothing unescaped."""

from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.agent.test_session import flawless, one_wrong_total
from zhenwu.agent.ledger import COMPACT
from zhenwu.agent.replay import steps
from zhenwu.agent.session import Harness, Session
from zhenwu.chapter.transcripts import HEAD, remark, title, transcripts, verdict
from zhenwu.study.cell import Voice
from zhenwu.study.recorded import Recorded, Wanted

WANTED = Wanted("FP32 <b>", "a slip & more", Voice(), lambda found: True)


def recorded(slips: bool, found: bool = True) -> Recorded:
    session = Session(1, Harness(limit=128, calls=30))
    if slips:
        one_wrong_total(session)
    flawless(session)
    return Recorded(WANTED, session, list(steps(session)), 7, found)


def tables(html: str) -> list[list[list[str]]]:
    root = ElementTree.fromstring(html)  # XHTML too, for a copy
    return [[["".join(cell.itertext()) for cell in row] for row in table.iter("tr")] for table in root.iter("table")]


def test_each_turn_has_a_row_with_what_was_said_and_what_came_back():
    each = recorded(slips=False)
    (rows,) = tables(transcripts([each], "Recorded").html)
    assert rows[0] == list(HEAD) and len(rows) - 1 == len(each.steps)
    for number, (row, step) in enumerate(zip(rows[1:], each.steps, strict=True), 1):
        assert row[:2] == [str(number), str(step.turn.context)] and row[3:5] == [step.said, "the same"]
        assert row[5] == (step.heard or "the session ends")
        assert f"total {step.state.total}," in row[2] and f"ticket {step.state.ticket};" in row[2]
        assert (row[6] != "") == (step.said[0] == COMPACT)


def test_a_wrong_turn_is_marked_with_the_part_and_what_was_right():
    each = recorded(slips=True)
    (rows,) = tables(transcripts([each], "Recorded").html)
    assert rows[1][4] == each.steps[0].right != rows[1][3] and rows[1][6] == "wrong: the total"
    root = ElementTree.fromstring(transcripts([each], "Recorded").html)
    marked = [row for row in root.iter("tr") if row.get("class") == "marked"]
    assert len(marked) == 1 + sum(step.said[0] == COMPACT for step in each.steps)


def test_a_verdict_says_what_happened_and_how_it_was_chosen():
    said = verdict(recorded(slips=True))
    assert said.startswith("Turn 1 is the first wrong one, in the total. Chosen because it shows a slip & more")
    assert said.endswith("the first of 7 sessions. Seed 1.")
    other = verdict(recorded(slips=False, found=False))
    assert other.startswith("No turn is wrong. Looked for was a slip & more; none of 7 sessions shows it")
    assert "another session" in title(recorded(slips=False, found=False))


def test_a_check_that_helped_or_only_doubted_is_remarked():
    step = recorded(slips=False).steps[0]
    saved = replace(step, turn=replace(step.turn, first_wrong=True, doubted=True))
    assert remark(saved) == "the first opinion was wrong, and the check caught it"
    assert remark(replace(step, turn=replace(step.turn, doubted=True))) == "the check doubted it"
    assert remark(step) == ""


def test_what_a_title_holds_is_escaped_and_the_text_is_plain():
    shown = transcripts([recorded(slips=True), recorded(slips=False)], 'Say "go"')
    assert "<b>" not in shown.html and "FP32 &lt;b&gt;: a slip &amp; more" in shown.html
    assert len(tables(shown.html)) == 2 and "<" not in str(shown).replace("<b>", "")
    parser = HTMLParser()
    parser.feed(shown.html)
    assert 'data-caption="Say &quot;go&quot;"' in shown.html


def test_no_session_at_all_is_refused():
    with pytest.raises(ValueError, match="expected at least one session"):
        transcripts([], "Recorded")

"""The timeline: a picture of commands that is well formed, complete, and says what each mark is."""

import xml.etree.ElementTree as ElementTree

from zhenwu.cosim.hbm.timeline import timeline
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.cycle.hbm.traffic import run

SVG = "{http://www.w3.org/2000/svg}"


def drawn(first=0, last=1400):
    commands = run(accesses("few_rows", 120, 1), Controller(refresh_start=300)).referee.commands
    return commands, ElementTree.fromstring(timeline(commands, first, last, "a <title> & more", due=300))


def marks(svg, kind):
    return [mark.find(f"{SVG}title").text for mark in svg.iter() if mark.get("class") == kind]


def test_every_command_is_drawn_once():
    commands, svg = drawn()
    ops = [command.op for command in commands if command.cycle <= 1400]
    assert len(marks(svg, "read")) == ops.count("RD") > 20
    assert len(marks(svg, "write")) == ops.count("WR") > 10
    assert len(marks(svg, "open")) == len(marks(svg, "opening")) == ops.count("ACT") > 10
    assert len(marks(svg, "refresh")) == ops.count("REFab") == 1
    assert len(marks(svg, "read-burst")) + len(marks(svg, "write-burst")) == ops.count("RD") + ops.count("WR")


def test_a_mark_says_what_it_is():
    commands, svg = drawn()
    refresh = next(command.cycle for command in commands if command.op == "REFab")
    assert marks(svg, "refresh") == [f"REFab, CK {refresh} to {refresh + 416}"]
    first = next(command for command in commands if command.op == "RD")
    assert f"CK {first.cycle}: RD column {first.address.column}" in marks(svg, "read")


def test_only_the_window_is_drawn():
    _, svg = drawn(400, 450)
    width = float(svg.get("width"))
    for rect in svg.iter(f"{SVG}rect"):
        if rect.get("x"):
            assert 0 <= float(rect.get("x")) <= width and float(rect.get("width")) >= 0
    assert marks(svg, "read") == [] or all("CK 4" in text for text in marks(svg, "read"))


def test_it_names_itself_and_asks_for_nothing():
    text = timeline([], 0, 100, "empty")
    assert 'role="img"' in text and 'aria-label="empty"' in text and text.count("http") == 1
    assert "prefers-color-scheme: dark" in text

"""The report: one file that asks for nothing, readable by machines and screen readers."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from zhenwu.cosim.evidence import Drawing, Evidence, Mismatch
from zhenwu.cosim.report import REPORT, report, write_report

GOOD = Evidence(
    block="adder", oracle="numpy & <co>", cases=10, cycles=200, mismatches=0, bins={"cp_a": 3, "cp_b": 0},
    planned={"cp_a": "first", "cp_b": "second"}, seconds=2.0, seed=1, not_checked="the rest", notes=("a note",),
    drawings=(Drawing("One matmul", "look here", "<svg><title>waves</title></svg>"),),
)


def again(found):
    return f"repeat {found.block}"


class Tags(HTMLParser):
    VOID = {"meta", "link", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.ids, self.labelled = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.seen.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.labelled += [attributes["aria-labelledby"]] if "aria-labelledby" in attributes else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_for_nothing():
    page = Tags(report([GOOD], again))
    assert page.open == []
    assert set(page.labelled) <= set(page.ids)
    assert not [attributes for _, attributes in page.seen if "src" in attributes]
    links = [attributes["href"] for _, attributes in page.seen if "href" in attributes]
    assert links == ["data:,"]
    assert ("html", {"lang": "en"}) in page.seen


def test_it_holds_what_the_table_holds_and_the_waveforms():
    text = report([GOOD], again)
    for part in ("numpy &amp; &lt;co&gt;", "1 of 2", "the rest", "cp_b: second", "a note", "<svg><title>waves</title>"):
        assert part in text


def test_a_failure_stands_at_the_top(tmp_path):
    svg = tmp_path / "queue.svg"
    svg.write_text("<svg>the cycles around it</svg>")
    found = Mismatch("queue", "dst", 5, 9, "data", 1, 2, "1", "2", "none", 1, svg=svg)
    text = report([GOOD, replace(GOOD, block="queue", mismatches=1, first_mismatch=found)], again)
    assert "FAILED: queue (1 of 2 blocks)" in text
    assert "Repeat it with: repeat queue" in text
    assert "<svg>the cycles around it</svg>" in text


@pytest.mark.usefixtures("monkeypatch")
def test_it_is_written_into_the_build_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_report([GOOD], again)
    assert [path.name for path in REPORT.parent.iterdir()] == ["report.html"]

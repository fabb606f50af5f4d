"""What remains of a page in a copy: XHTML, nothing to press or to fill in, links that stay among its pages."""

import sys
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from hdl.bench.trace import Column
from hdl.bench.waveform import waveform
from tests.book.conftest import EXTENSIONS
from zhenwu.chapter.questions import ask

INSIDE = {"values.xhtml", "index.xhtml"}


@pytest.fixture
def static(monkeypatch) -> Callable[[str], str]:
    """The function, which also holds its result to be XML."""
    pytest.importorskip("html5lib", reason="html5lib is not here: make book installs it")
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    from static_html import static

    def checked(html: str) -> str:
        made = static(html, INSIDE)
        ElementTree.fromstring(f"<body>{made}</body>")
        return made

    return checked


def test_a_question_becomes_a_line_for_a_pen(static):
    made = static(ask("e5m2", "How many?", "wires", answer=69).html)
    assert "How many?" in made and 'class="blank"' in made and "wires" in made
    assert not any(word in made for word in ("69", "form", "input", "button", "output", "onsubmit", "for="))


def test_choices_are_listed(static):
    made = static(ask("limit", "Which?", answer="HBM", choices=("compute", "HBM")).html)
    assert "compute / HBM" in made and "choose" not in made and "select" not in made


@pytest.mark.parametrize(
    "html",
    ["<script>let x = 1 < 2;</script>", "<button>Run</button>", "<p hidden>secret</p>", "<textarea>code</textarea>",
     '<link rel="stylesheet" href="x.css">', '<a class="headerlink" href="#here">#</a>', "<noscript>no</noscript>",
     "<progress max=3></progress>"],
)
def test_what_nothing_runs_is_gone(static, html):
    assert static(f"<p>before</p>{html}<p>after</p>") == "<p>before</p><p>after</p>"


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("values.html#value-x", 'href="values.xhtml#value-x"'),
        ("values.xhtml", 'href="values.xhtml"'),
        ("#here", 'href="#here"'),
        ("https://arxiv.org/abs/1", 'href="https://arxiv.org/abs/1"'),
    ],
)
def test_a_link_to_the_book_or_the_world_stays(static, link, made):
    assert static(f'<a href="{link}">there</a>') == f"<a {made}>there</a>"


@pytest.mark.parametrize("link", ["source/hdl.slice.html#line-3", "search.html", "api_hdl.xhtml#x", "live/python.zip"])
def test_a_link_to_what_a_copy_leaves_out_is_text(static, link):
    assert static(f'<a href="{link}" title="t">there</a>') == "<span>there</span>"


def test_html_that_is_no_xml_becomes_some(static):
    assert static("<p>a &nbsp; b<br>c<p>d <b>e") == "<p>a \N{NO-BREAK SPACE} b<br/>c</p><p>d <b>e</b></p>"


def test_colours_stand_as_they_are_and_the_case_of_svg_is_kept(static):
    made = static('<svg viewBox="0 0 9 9"><path style="fill: var(--figure-ink, #1c2733)"></path></svg>')
    assert 'viewBox="0 0 9 9"' in made and 'style="fill: #1c2733"' in made
    assert 'xmlns="http://www.w3.org/2000/svg"' in made


def test_a_fold_says_what_it_holds(static):
    assert static("<details><summary aria-label='Toggle'><p>Show</p><p>Hide</p></summary><p>x</p></details>") == (
        "<details><summary>The code of this cell</summary><p>x</p></details>"
    )
    assert "<summary>Values</summary>" in static("<details><summary>Values</summary>1</details>")


def drawn(cycles: int) -> str:
    return waveform([Column("a_long_name", 8, list(range(cycles)))], 0, "t", show_title=False)


def rows(made: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<body>{made}</body>"))


def test_a_short_waveform_is_left_as_it_is(static):
    (only,) = rows(static(drawn(10)))
    assert only.get("viewBox").startswith("0 0 ")


def test_a_long_waveform_stands_in_rows_that_show_each_cycle_once(static):
    made = rows(static(drawn(100)))
    left = 16 + 7.3 * len("a_long_name")
    spans = [tuple(map(float, row.get("viewBox").split())) for row in made]
    assert len(made) > 2 and all(width <= 1000 for _, _, width, _ in spans)
    for (start, _, width, _), (following, *_) in zip(spans, spans[1:], strict=False):
        assert following + left == pytest.approx(start + width, abs=0.3), "a cycle is shown twice, or not at all"
    names = [row.find(".//*[@class='names']").get("transform") for row in made]
    assert names == [f"translate({start:.1f} 0)" for start, *_ in spans]
    assert [row.get("role") for row in made] == ["img"] + [None] * (len(made) - 1)

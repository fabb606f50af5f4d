"""A small book as a copy: what its nodes show where nothing runs, its contents, and what it leaves out."""

import os
import re
import sys
from unittest.mock import MagicMock
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from hdl.bench.attempt import attempt
from hdl.bench.played import report
from tests.book.conftest import EXTENSIONS
from tests.book.test_live import BUG, SOURCE, directive
from tests.book.test_number_role import kept
from zhenwu.cosim.live import live

pytest.importorskip("html5lib", reason="html5lib is not here: make book installs it")

OURS = ["book_facts", "fresh", "glossary", "live", "mathml", "number_role", "offline_copy", "predict", "question"]
INDEX = "# The book\n\n```{toctree}\n:caption: A part\nfirst\nsecond\n```\n\n```{question}\n```\n"
FIRST = f"""# First

## A cell

{directive("decode")}
{BUG}
### Deeper

$a^2$ and [what is left out](second.md) and [a page](third.md).

```{{predict}} took
:unit: CK
How long?
```

{kept("took", 1438)}

```{{glossary}}
block scale
块缩放因子
  A power of two.
```
"""
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def copy(build, tmp_path):
    """The pages of the copy, and its folder."""
    pages = {"index": INDEX, "first": FIRST, "second": "# Second\n\nLeft out.\n", "third": "# Third\n\nHere.\n"}
    settings = {
        "templates_path": [str(EXTENSIONS.parent / "_templates")], "html_math_renderer": "mathml", "version": "1",
        "myst_enable_extensions": ["dollarmath"], "html_title": "The book", "author": "someone",
        "epub_exclude_files": ["second.xhtml"],
    }
    built = build(pages, OURS, builder="epub", **settings)
    assert built.warnings == ""
    return built.pages, tmp_path / "html"


def test_a_live_cell_shows_its_source_and_what_the_build_recorded_with_a_note(copy):
    pages, _ = copy
    shown = report(attempt(live("e2m1_decode"), (EXTENSIONS.parents[1] / SOURCE).read_text(encoding="utf-8")), [])
    text = "".join(ElementTree.fromstring(pages["first"]).itertext())
    assert text.count("This cell runs in the online book.") == 2
    assert "halves.next = E2M1_HALVES[int(code)]" in text and "One thing in this source is wrong." in text
    assert shown["verdict"] in text and "Not yet: in vector 9" in text
    assert pages["first"].count('class="waveform"') == 2 and pages["first"].count("live-values") == 2


def test_a_prediction_is_a_question_and_its_answer_follows(copy):
    text = "".join(ElementTree.fromstring(copy[0]["first"]).itertext())
    assert "How long?" in text and "CK" in text and "It is 1,438 CK." in text and "You made no prediction" not in text


def test_the_landing_page_answers_the_first_choice(copy):
    text = "".join(ElementTree.fromstring(copy[0]["index"]).itertext())
    assert "In the online book you choose" in text and "The arithmetic, line by line" in text


def test_nothing_in_it_waits_for_a_reader(copy):
    for name, page in copy[0].items():
        tags = {element.tag.removeprefix(XHTML) for element in ElementTree.fromstring(page).iter()}
        assert not tags & {"script", "form", "input", "select", "button", "textarea", "output"}, name


def test_a_chinese_term_asks_for_simplified_forms(copy):
    assert re.search(r'<dt[^>]*lang="zh-Hans"[^>]*>块缩放因子', copy[0]["first"])


def test_what_is_left_out_is_not_packed_and_links_to_it_are_text(copy):
    pages, folder = copy
    assert 'href="second.xhtml"' not in pages["first"] and "what is left out" in pages["first"]
    assert 'href="third.xhtml"' in pages["first"]
    with ZipFile(folder / "book.epub") as packed:
        names = packed.namelist()
    assert names[0] == "mimetype" and "first.xhtml" in names and "second.xhtml" not in names
    assert {name.rpartition(".")[2] for name in names} <= {"mimetype", "xml", "opf", "ncx", "xhtml", "css"}


def test_the_contents_have_part_chapter_and_sections(copy):
    from book.copies.pages import anchors, contents, files

    _, folder = copy
    entries = contents(folder)
    lines = [(depth, entry.title, entry.leads) for top in entries for depth, entry in top.walk()]
    assert lines == [
        (0, "The book", "index.xhtml"), (0, "A part", "first.xhtml"), (1, "First", "first.xhtml"),
        (2, "A cell", "first.xhtml#a-cell"), (3, "Deeper", "first.xhtml#deeper"),
    ]
    assert files(entries) == ["index.xhtml", "first.xhtml"]
    assert {"a-cell", "deeper"} <= anchors(folder, files(entries), entries)["first.xhtml"]


def test_formulas_and_drawings_are_declared(copy):
    manifest = (copy[1] / "content.opf").read_text(encoding="utf-8")
    assert 'href="first.xhtml" properties="mathml svg"' in manifest and 'href="index.xhtml" media' in manifest


def test_a_page_of_the_site_that_was_read_after_it_was_written_is_written_again(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    from fresh import read_later

    app, env = MagicMock(doctreedir=str(tmp_path)), MagicMock(found_docs={"written", "read", "new"})
    app.builder.get_outfilename = lambda name: str(tmp_path / f"{name}.html")
    for second, name in enumerate(("written.doctree", "written.html", "read.html", "read.doctree", "new.doctree")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (second, second))
    app.builder.name = "html"
    assert read_later(app, env) == ["read"]  # Sphinx writes a new page by itself
    app.builder.name = "epub"
    assert read_later(app, env) == []

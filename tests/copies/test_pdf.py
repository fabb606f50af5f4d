"""The finished PDF, as a reader on a train has it: all of the book, nothing cut, no way to the machine it is from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.copies.conftest import BOOK, ROOT, chapters, chinese_terms, copy_of, headings, live_cells

pypdf = pytest.importorskip("pypdf", reason="pypdf is not here: make pdf installs it")

pypdfium2 = pytest.importorskip("pypdfium2", reason="pypdfium2 is not here: make pdf installs it")

WORDS = 8  # of a page; the shortest last page of a chapter has more


@pytest.fixture(scope="module")
def path() -> Path:
    return copy_of("pdf")


@pytest.fixture(scope="module")
def reader(path: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(path)


@pytest.fixture(scope="module")
def texts(path: Path) -> list[str]:
    """The text of each page, as PDFium reads it; ligatures and forms of a font are undone, as a search does."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]
    return [unicodedata.normalize("NFKC", page).replace("\r\n", "\n") for page in pages]


def squeezed(text: str) -> str:
    """Without blanks: a line that paper breaks is the same text."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).replace("’", "'"))


@pytest.fixture(scope="module")
def whole(texts: list[str]) -> str:
    return squeezed("".join(texts))


def parts() -> set[str]:
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    return {part["caption"] for part in toc["parts"]}


def lines(outline: list) -> Iterator[pypdf.generic.Destination]:
    for entry in outline:
        yield from lines(entry) if isinstance(entry, list) else [entry]


def links(reader: pypdf.PdfReader) -> Iterator[dict]:
    for page in reader.pages:
        for annotation in page.get("/Annots", ()):
            yield annotation.get_object()


def test_every_chapter_and_its_sections_are_in_the_outline_in_order(reader):
    titles = [squeezed(line.title) for line in lines(reader.outline)]
    found = [titles.index(squeezed(headings(page, "#")[0])) for page in chapters().values()]
    assert found == sorted(found) and len(found) > 10
    sections = [title for page in chapters().values() for title in headings(page, "##")]
    assert [title for title in sections if squeezed(title) not in titles] == []


def test_the_outline_leads_to_the_heading(reader, texts):
    for line in lines(reader.outline):
        number = reader.get_destination_page_number(line)
        near = squeezed("".join(texts[number : number + 2]))  # a heading at a page's top lies below the named place
        assert squeezed(line.title) in near or line.title in parts(), line.title


def test_no_link_leads_to_this_machine(reader, path):
    addresses = [link["/A"]["/URI"] for link in links(reader) if "/A" in link]
    assert addresses and all(re.match(r"https?://(?!localhost|127\.|copy\.invalid)", address) for address in addresses)
    raw = path.read_bytes()
    assert not [word for word in (b"copy.invalid", b"localhost", b"file://", str(ROOT).encode()) if word in raw]


def test_links_inside_lead_to_pages_of_the_book(reader):
    inside = [link["/Dest"] for link in links(reader) if "/Dest" in link]
    assert len(inside) > 500
    numbers = {page.indirect_reference.idnum for page in reader.pages}
    assert {list.__getitem__(destination, 0).idnum for destination in inside} <= numbers


def test_the_contents_name_the_page_that_each_chapter_begins_on(reader, texts):
    contents = squeezed("".join(texts[1:6]))  # PDFium reads some pages of two columns a character a line
    begins = {squeezed(line.title): reader.get_destination_page_number(line) + 1 for line in lines(reader.outline)}
    for page in chapters().values():
        (title,) = map(squeezed, headings(page, "#")[:1])
        assert re.search(rf"{re.escape(title)}{begins[title]}(?!\d)", contents), title


def test_pages_are_counted_through(texts):
    wrong = [number for number, text in enumerate(texts[1:], 2) if text.split("\n")[0].split(" ")[-1] != str(number)]
    assert wrong == []


def test_chinese_terms_and_headings_can_be_searched(whole):
    terms = chinese_terms()
    assert len(terms) > 50 and [term for term in terms if term not in whole] == []
    assert [title for page in chapters().values() for mark in ("#", "##") for title in headings(page, mark)
            if squeezed(title) not in whole] == []


def test_no_page_is_blank(texts):
    assert [number for number, text in enumerate(texts, 1) if len(re.findall(r"\w+", text)) < WORDS] == []


def test_every_live_cell_has_its_note_and_its_whole_source(whole):
    cells = live_cells()
    assert cells > 5 and whole.count(squeezed("This cell runs in the online book.")) == cells
    for page in chapters().values():
        for file, body in re.findall(r"^```\{live\} \S+\n:source: (\S+)\n(.*?)^```$", page, re.M | re.S):
            replaced = squeezed("".join(re.findall(r"^- (.*)$", body, re.M)))
            source = (ROOT / file).read_text(encoding="utf-8").splitlines()
            cut = [line for line in source if squeezed(line) not in whole and squeezed(line) not in replaced]
            assert cut == [], file


def test_no_line_of_a_cell_is_cut(whole):
    for name, page in chapters().items():
        for body in re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", page, re.M | re.S):
            if "remove-" in body.split("\n")[0]:
                continue
            code = [line for line in body.splitlines() if not line.startswith(":tags:")]
            assert [line for line in code if squeezed(line) not in whole] == [], name


def test_every_font_is_in_the_file(reader):
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            fonts[font.indirect_reference.idnum] = font
    assert len(fonts) > 5
    for font in fonts.values():
        if font["/Subtype"] == "/Type3":  # drawn by the file itself
            assert font["/CharProcs"]
            continue
        (below,) = [each.get_object() for each in font.get("/DescendantFonts", [font])]
        assert any(name.startswith("/FontFile") for name in below["/FontDescriptor"]), font["/BaseFont"]


def test_it_says_what_it_is(reader):
    said = reader.metadata
    assert said.title == headings(chapters()["index"], "#")[0] and said.author and said.subject
    assert reader.trailer["/Root"]["/Lang"] == "en"
    width, height = (float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)

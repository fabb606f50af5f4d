"""Printed pages become one book: an outline, links that stay inside, nothing that leads to the machine that printed."""

import io

import pytest

pypdf = pytest.importorskip("pypdf", reason="pypdf is not here: make pdf installs it")

from pypdf.annotations import Link  # noqa: E402
from pypdf.generic import Destination, Fit, NameObject, RectangleObject  # noqa: E402

from book.copies.joining import BrokenLink, Printed, join, places  # noqa: E402
from book.copies.pages import Entry  # noqa: E402

ROOT = "http://copy.invalid/"
SAID = {"title": "A book", "creator": "its authors", "description": "of two pages", "language": "en"}
NONE: dict = {}
BOX = RectangleObject((10, 10, 50, 20))
BOOK = [
    Entry("First", "first.xhtml", (Entry("Its end", "first.xhtml#end"),)),
    Entry("Part", "second.xhtml", (Entry("Second", "second.xhtml"),)),
]


def printed(name: str, pages: int, links: dict[int, str] = NONE, anchors: dict[str, tuple[int, int]] = NONE) -> Printed:
    """A PDF as Chromium writes it: links by page, and named anchors as (page, height)."""
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    for page, address in links.items():
        writer.add_annotation(page, Link(rect=BOX, url=address))
    for anchor, (page, top) in anchors.items():
        place = Destination(anchor, writer.pages[page].indirect_reference, Fit.xyz(0, top))
        writer.add_named_destination_array(NameObject(anchor), place.dest_array)
    file = io.BytesIO()
    writer.write(file)
    return Printed(name, pypdf.PdfReader(file))


def book(first_links: dict[int, str], entries: list[Entry] = BOOK) -> pypdf.PdfReader:
    first = printed("first.xhtml", 2, first_links, {"end": (1, 120)})
    second = printed("second.xhtml", 3, {0: ROOT + "first.xhtml"}, {"deep": (2, 77)})
    file = io.BytesIO()
    join([first, second], entries, ROOT, SAID).write(file)
    return pypdf.PdfReader(file)


def link_of(reader: pypdf.PdfReader, page: int) -> dict:
    (annotation,) = reader.pages[page]["/Annots"]
    return annotation.get_object()


def test_a_place_is_a_page_of_the_whole_book():
    found = places([printed("first.xhtml", 2), printed("second.xhtml", 3, anchors={"deep": (2, 77)})])
    assert (found["second.xhtml"].page, found["second.xhtml"].top) == (2, None)
    assert (found["second.xhtml#deep"].page, found["second.xhtml#deep"].top) == (4, 77)


def test_a_link_to_another_page_becomes_a_place_in_the_book():
    reader = book({1: ROOT + "second.xhtml#deep"})
    link = link_of(reader, 1)
    assert "/A" not in link
    page, kind, _, top, _ = link["/Dest"]
    assert (reader.get_page_number(page.get_object()), kind, top) == (4, "/XYZ", 77)
    assert reader.get_page_number(link_of(reader, 2)["/Dest"][0].get_object()) == 0


def test_a_link_within_its_page_finds_its_own_anchor_and_not_one_of_that_name_elsewhere():
    first = printed("first.xhtml", 1, {0: ROOT + "first.xhtml#same"}, {"same": (0, 50)})
    second = printed("second.xhtml", 1, {0: ROOT + "second.xhtml#same"}, {"same": (0, 90)})
    joined = join([first, second], [], ROOT, SAID)
    tops = [page["/Annots"][0].get_object()["/Dest"][3] for page in joined.pages]
    assert tops == [50, 90]


def test_a_link_to_the_world_stays():
    assert link_of(book({0: "https://arxiv.org/abs/2511.10909"}), 0)["/A"]["/URI"] == "https://arxiv.org/abs/2511.10909"


@pytest.mark.parametrize("lead", ["third.xhtml", "second.xhtml#nowhere"])
def test_a_link_that_leads_nowhere_ends_it(lead):
    with pytest.raises(BrokenLink, match=f"first.xhtml: a link leads to {lead}, which the book does not have"):
        book({0: ROOT + lead})


def test_a_line_of_the_contents_that_leads_nowhere_ends_it():
    with pytest.raises(BrokenLink, match="contents: Third leads to third.xhtml"):
        book({}, [Entry("Third", "third.xhtml")])


def test_the_outline_has_parts_chapters_and_sections():
    reader = book({})
    first, [end], part, [second] = reader.outline
    lines = first, end, part, second
    assert [line.title for line in lines] == ["First", "Its end", "Part", "Second"]
    assert [reader.get_destination_page_number(line) for line in lines] == [0, 1, 2, 2]
    assert end.top == 120


def test_the_book_says_what_it_is():
    reader = book({})
    said = reader.metadata
    assert (said.title, said.author, said.subject) == ("A book", "its authors", "of two pages")
    assert (reader.trailer["/Root"]["/Lang"], reader.trailer["/Root"]["/PageMode"]) == ("en", "/UseOutlines")
    assert len(reader.pages) == 5

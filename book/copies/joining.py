"""Printed pages joined into one PDF: an outline, links that stay inside, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, Fit, NameObject, NullObject, NumberObject, TextStringObject

from book.copies.pages import Entry
from book.copies.searchable import make_searchable


class BrokenLink(ValueError):
    """A link, or a line of the contents, leads to a place that the book does not have; the sentence names it."""


@dataclass(frozen=True)
class Printed:
    """The PDF of one page of the book, and the file name that links to it use."""

    name: str
    pdf: PdfReader


@dataclass(frozen=True)
class Place:
    """Where something stands in the joined PDF: the page from 0, the height in points from below (None: its top)."""

    page: int
    top: float | None = None


def places(parts: Iterable[Printed]) -> dict[str, Place]:
    """Every place that a link may name: `page.xhtml`, and `page.xhtml#anchor` where the PDF has a name for it."""
    found: dict[str, Place] = {}
    before = 0
    for part in parts:
        found[part.name] = Place(before)
        for anchor, destination in part.pdf.named_destinations.items():
            page = before + part.pdf.get_destination_page_number(destination)
            found[f"{part.name}#{anchor.removeprefix('/')}"] = Place(page, float(destination.top))
        before += len(part.pdf.pages)
    return found


def join(parts: Sequence[Printed], entries: Iterable[Entry], root: str, described: dict[str, str]) -> PdfWriter:
    """One PDF of all parts, in their order; `root` is the address that stood before file names when they were printed.

    `described` has title, creator, description, language. BrokenLink if a link or an entry leads nowhere.
    """
    writer, known = PdfWriter(), places(parts)
    pages = [(part.name, writer.add_page(page)) for part in parts for page in part.pdf.pages]
    for name, page in pages:
        turn_links(page, name, root, known, writer)
    for entry in entries:
        add_outline(writer, entry, known)
    make_searchable(writer)
    names = {"/Title": "title", "/Author": "creator", "/Subject": "description"}
    writer.add_metadata({name: described[key] for name, key in names.items()})
    catalog = writer.root_object
    catalog[NameObject("/Lang")] = TextStringObject(described["language"])
    catalog[NameObject("/PageMode")] = NameObject("/UseOutlines")
    return writer


def turn_links(page: PageObject, name: str, root: str, known: dict[str, Place], writer: PdfWriter) -> None:
    """Links of a page of the book to places of the book, in the place of links to addresses and names."""
    for annotation in page.get("/Annots", ()):
        link = annotation.get_object()
        lead = target(link, name, root)
        if lead is None:
            continue
        if lead not in known:
            raise BrokenLink(f"{name}: a link leads to {lead}, which the book does not have")
        place = known[lead]
        link.pop("/A", None)
        link[NameObject("/Dest")] = destination(writer, place)


def target(link: DictionaryObject, name: str, root: str) -> str | None:
    """The place that a link means, as `page.xhtml#anchor`; None for an address of the world."""
    action = link.get("/A", {})
    named = link.get("/Dest", action.get("/D"))
    if named is not None:
        return f"{name}#{str(named).removeprefix('/')}"
    address = str(action.get("/URI", ""))
    return address.removeprefix(root) if address.startswith(root) else None


def destination(writer: PdfWriter, place: Place) -> ArrayObject:
    height = NullObject() if place.top is None else NumberObject(round(place.top))
    page = writer.pages[place.page].indirect_reference
    return ArrayObject([page, NameObject("/XYZ"), NullObject(), height, NullObject()])


def add_outline(writer: PdfWriter, entry: Entry, known: dict[str, Place], parent: object = None) -> None:
    """A line of the outline and those below it; parts show their chapters, a chapter its sections when it is opened."""
    if entry.leads not in known:
        raise BrokenLink(f"contents: {entry.title} leads to {entry.leads}, which the book does not have")
    place = known[entry.leads]
    fit = Fit.xyz(left=None, top=place.top) if place.top is not None else Fit.fit_horizontally(top=None)
    opened = parent is None
    line = writer.add_outline_item(title=entry.title, page_number=place.page, parent=parent, fit=fit, is_open=opened)
    for below in entry.below:
        add_outline(writer, below, known, line)

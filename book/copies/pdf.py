"""The PDF: every page of the copy printed, with one count of pages, then joined behind title page and contents."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from book_facts import version
from pypdf import PdfWriter

from book.copies.front import NAME, front
from book.copies.joining import BrokenLink, Printed, join, places
from book.copies.pages import PAGES, Entry, anchors, contents, files, metadata
from book.copies.printing import ADDRESS, Printer, TooLarge, printer
from zhenwu.spec.sources import FACTS_AS_OF


def pdf(target: Path, chromium: str) -> int:
    """Write the PDF; 1, and a sentence that says which, where a page does not fit its paper or a link leads nowhere."""
    try:
        with printer(chromium, PAGES) as press:
            writer = book(press, contents(), metadata())
    except (BrokenLink, TooLarge) as error:
        print(error, file=sys.stderr)
        return 1
    writer.write(target)
    print(f"{len(writer.pages)} pages", flush=True)
    return 0


def book(press: Printer, entries: Sequence[Entry], told: dict[str, str]) -> PdfWriter:
    """The whole book. The contents are printed twice: their length counts before their numbers are known."""
    said = {"version": version(), "as_of": FACTS_AS_OF, **told}

    def opening(number: object) -> Printed:
        press.made[NAME] = front(entries, number, said)
        return Printed(NAME, press.print(NAME, "", 0, set()))

    unnumbered = opening(lambda lead: 0)
    parts = chapters(press, entries, len(unnumbered.pdf.pages))
    known = places([unnumbered, *parts])
    numbered = opening(lambda lead: known[lead].page + 1)
    if len(numbered.pdf.pages) != len(unnumbered.pdf.pages):
        raise AssertionError("the contents take more pages with their numbers than with zeros")
    return join([numbered, *parts], entries, ADDRESS, told)


def chapters(press: Printer, entries: Sequence[Entry], before: int) -> list[Printed]:
    """Each page of the book, printed; `before` pages stand in front of them."""
    names = files(entries)
    wanted = anchors(PAGES, names, entries)
    titles = {entry.leads: entry.title for top in entries for _, entry in top.walk()}  # of a part, then of its chapter
    parts = []
    for number, name in enumerate(names, 1):
        begun = time.monotonic()
        parts.append(Printed(name, press.print(name, titles[name], before, wanted[name])))
        count, took = len(parts[-1].pdf.pages), time.monotonic() - begun
        before += count
        print(f"  {number:2d} of {len(names)}: {titles[name]}, {count} pages ({took:.1f} s)", flush=True)
    return parts

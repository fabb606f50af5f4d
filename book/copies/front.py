"""Title page and contents of the PDF, as a page like the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from book.copies.pages import Entry

NAME = "front.xhtml"
DEEPEST = 2  # of the lines shown: parts, chapters, their sections
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="copy.css" type="text/css" /></head>
<body>
<section class="title-page"><h1>{title}</h1><p class="about">{description}</p><p>{creator}</p>
<p class="foot">Version {version}, facts as of {as_of}. Text and figures: {rights}. Code: Apache License 2.0.<br />
Not affiliated with Alibaba or T-Head.</p>
<p class="about">{note}</p></section>
<section class="contents-of-book" id="contents"><h1>Contents</h1>
<div class="lines">
{lines}
</div></section>
</body></html>
"""
NOTE = (
    "Printed from the online book. Cells that a reader can change and run there stand here as the build recorded them; "
    "the code of every cell and every solution is unfolded."
)
LINE = (
    '<div class="line depth-{depth}"><a href="{leads}">{title}</a><span class="dots"></span>'
    '<span class="number">{number}</span></div>'
)


def front(entries: Sequence[Entry], number: Callable[[str], int], said: dict[str, str]) -> str:
    """The page. `number` gives the page that a line leads to, counted from 1.

    `said` is what the title page says: title, description, creator, rights, version, as_of.
    """
    lines = [
        LINE.format(depth=depth, leads=escape(entry.leads), title=escape(entry.title), number=number(entry.leads))
        for top in entries for depth, entry in top.walk() if depth <= (DEEPEST if _is_part(top) else DEEPEST - 1)
    ]
    return PAGE.format(lines="\n".join(lines), note=NOTE, **{name: escape(text) for name, text in said.items()})


def _is_part(entry: Entry) -> bool:
    """A part opens the page of its first chapter, so that both lead to the same."""
    return bool(entry.below) and entry.below[0].leads == entry.leads

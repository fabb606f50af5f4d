"""Docstrings of this package as nodes: they are plain text, not reStructuredText.

A paragraph that is indented, drawn or aligned stands as it is written; one of dashes or numbers is a list; in any
other, what stands between backticks is code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes

ITEM = re.compile(r"^(?:- |\d+\. )", re.M)
PORT = re.compile(r"^\w[\w, *\[\]]*?\s+: ", re.M)  # name : meaning, as blocks list their ports
DRAWN = re.compile("[\u2190-\u21ff\u2500-\u257f]|-->|<--|──")


def inline(text: str) -> Iterator[nodes.Node]:
    """Words, and code between backticks."""
    for number, part in enumerate(" ".join(text.split()).split("`")):
        if part:
            yield nodes.literal("", part) if number % 2 else nodes.Text(part)


def as_written(paragraph: str) -> bool:
    """Whether the line breaks of a paragraph mean something."""
    return bool(re.search(r"^ ", paragraph, re.M) or PORT.search(paragraph) or DRAWN.search(paragraph))


def paragraphs(docstring: str) -> Iterator[nodes.Element]:
    """The nodes of a docstring whose indentation has been taken away."""
    for text in re.split(r"\n\s*\n", docstring.strip("\n")):
        items = [item for item in ITEM.split(text) if item.strip()]
        if ITEM.match(text):
            kind = nodes.bullet_list if text.startswith("-") else nodes.enumerated_list
            yield kind("", *(nodes.list_item("", nodes.paragraph("", "", *inline(item))) for item in items))
        elif as_written(text):
            yield nodes.literal_block(text, text, language="text", classes=["as-written"])
        else:
            yield nodes.paragraph("", "", *inline(text))

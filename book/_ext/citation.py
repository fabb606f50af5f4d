"""How to cite the book: `{citation}` shows the preferred citation of CITATION.cff as BibTeX."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILE = Path(__file__).resolve().parents[2] / "CITATION.cff"


def bibtex(cited: dict[str, Any]) -> str:
    """A CFF reference as BibTeX; authors are groups, whose names stay whole in double braces."""
    authors = " and ".join(f"{{{author['name']}}}" for author in cited["authors"])
    entries = {"title": cited["title"], "author": authors, "year": cited["year"], "note": f"Version {cited['version']}"}
    lines = [f"  {key} = {{{value}}}," for key, value in entries.items()]
    return "\n".join([f"@{cited['type']}{{zhenwu,", *lines, "}"])


class CitationDirective(SphinxDirective):
    """The preferred citation."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        text = bibtex(yaml.safe_load(FILE.read_text(encoding="utf-8"))["preferred-citation"])
        return [nodes.literal_block(text, text, language="bibtex")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("citation", CitationDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

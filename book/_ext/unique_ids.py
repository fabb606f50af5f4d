"""An id stands once on a page; sphinx-exercise gives the text of every exercise, and of every solution, the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

REPEATED = {"exercise-content", "solution-content"}


def drop(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Nothing links to these ids."""
    for section in doctree.findall(nodes.section):
        section["ids"] = [name for name in section["ids"] if name not in REPEATED]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", drop)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""sphinx-exercise gives the content of every exercise the same id; an id names one place, so these go."""

from docutils import nodes
from sphinx.application import Sphinx

REPEATED = {"exercise-content", "solution-content"}


def without_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for section in doctree.findall(nodes.section):
        section["ids"] = [name for name in section["ids"] if name not in REPEATED]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", without_repeated_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

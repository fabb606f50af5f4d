"""The glossary's Chinese terms: said in Chinese by a screen reader, and under one heading of the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CHINESE = re.compile("[\u4e00-\u9fff]")
HEADING = "中文"


def entries(doctree: nodes.Node) -> Iterator[list[nodes.term]]:
    """The names of each entry of a page's glossaries, English first."""
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            yield [node for node in item.children if isinstance(node, nodes.term)]


def mark_chinese(app: Sphinx, doctree: nodes.document) -> None:
    """Give Chinese terms their language, which docutils writes as lang, and their place in the index."""
    for terms in entries(doctree):
        for term in terms:
            if CHINESE.search(term.astext()):
                term["classes"].append("language-zh")
                for index in term.findall(addnodes.index):
                    index["entries"] = [(*entry[:4], HEADING) for entry in index["entries"]]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", mark_chinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

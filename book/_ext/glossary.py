"""The glossary's Chinese terms: said in Chinese by a screen reader, and under one heading of the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CHINESE = re.compile("[\u4e00-\u9fff]")
HEADING = "中文"
LANGUAGE = "language-zh-Hans"  # a class that docutils writes as lang: with simplified forms, whatever the font prefers


def entries(doctree: nodes.Node) -> Iterator[list[nodes.term]]:
    """The names of each entry of a page's glossaries, English first."""
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            yield [node for node in item.children if isinstance(node, nodes.term)]


def chinese(doctree: nodes.Node) -> Iterator[nodes.term]:
    """The Chinese names among all."""
    return (term for terms in entries(doctree) for term in terms if CHINESE.search(term.astext()))


class PlaceInIndex(SphinxTransform):
    """The index has one heading for Chinese terms, and not one for each first character."""

    default_priority = 500  # before the entries of the index are collected

    def apply(self, **_: object) -> None:
        for term in chinese(self.document):
            for index in term.findall(addnodes.index):
                index["entries"] = [(*entry[:4], HEADING) for entry in index["entries"]]


def mark_language(app: Sphinx, doctree: nodes.document) -> None:
    """Not earlier: the quotation marks of a language would be looked for."""
    for term in chinese(doctree):
        term["classes"].append(LANGUAGE)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(PlaceInIndex)
    app.connect("doctree-read", mark_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

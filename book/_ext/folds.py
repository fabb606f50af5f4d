"""What a reader opens when they want to: an answer that the page has not come to yet, or a long list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class folded(nodes.General, nodes.Element):
    """Its first child is the `handle`."""


class handle(nodes.Part, nodes.TextElement):
    """The words that stay in sight."""


def open_folded(translator: HTML5Translator, node: folded) -> None:
    translator.body.append("<details>")


def close_folded(translator: HTML5Translator, node: folded) -> None:
    translator.body.append("</details>\n")


def open_handle(translator: HTML5Translator, node: handle) -> None:
    translator.body.append("<summary>")


def close_handle(translator: HTML5Translator, node: handle) -> None:
    translator.body.append("</summary>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(folded, html=(open_folded, close_folded))
    app.add_node(handle, html=(open_handle, close_handle))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

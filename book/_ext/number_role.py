"""The roles number and value: a figure in the text, which a cell or zhenwu/spec holds and nobody types.

`` {number}`dot` `` gives the number that a cell of this page kept as `dot`, with a badge for its kind that links to
where it was made; `` {value}`dot` `` gives it without the badge, for where it was said before. A key may also be
`page:name`, kept on another page, or the key of a value of `zhenwu/spec`, which has a dot: `m890.memory_capacity`. A
key that nothing holds is a warning with file and line, and ends the build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from zhenwu.chapter.show import written
from zhenwu.spec.assumptions import homes
from zhenwu.spec.sourced import Sourced

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)
KEPT = re.compile(r'class="kept-line" id="[^"]*" data-number="([^"]*)"')
VALUES = "values"  # the page that lists every value of zhenwu/spec


@dataclass(frozen=True)
class Number:
    """What a key stands for: how it is written, of which kind, whence, and the page and anchor that its badge opens."""

    value: int | float | str
    text: str
    unit: str
    kind: str
    source: str
    page: str
    anchor: str

    @property
    def quantity(self) -> str:
        return f"{self.text}\N{NO-BREAK SPACE}{self.unit}" if self.unit else self.text

    @property
    def in_words(self) -> bool:
        """Whether it is a sentence that a cell made, which may break where a number may not."""
        return self.text.count(" ") > 2


class kept_number(nodes.Inline, nodes.Element):
    """A number asked for by `key`, `bare` or with its badge."""


def reference(key: str, bare: bool = False) -> nodes.Node:
    """A node for the number of this key, resolved when the page is written."""
    return kept_number(key=key, bare=bare)


class NumberRole(SphinxRole):
    """number or value."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        node = reference(self.text, bare=self.name == "value")
        self.set_source_info(node)
        return [node], []


def kept_on(document: nodes.document) -> Iterator[tuple[nodes.raw, dict]]:
    """The lines of this page's cells that keep a number, each with what it says."""
    for node in document.findall(nodes.raw):
        for found in KEPT.findall(node.astext()):
            yield node, json.loads(unescape(found))


class KeptNumbers(EnvironmentCollector):
    """Remembers, for each page, the numbers that its cells keep."""

    @staticmethod
    def _of(env: BuildEnvironment) -> dict[str, dict[str, Number]]:
        return env.__dict__.setdefault("kept_numbers", {})

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        self._of(env).pop(docname, None)

    def merge_other(self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
        self._of(env).update({name: self._of(other)[name] for name in docnames if name in self._of(other)})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        names = self._of(app.env).setdefault(app.env.docname, {})
        for node, number in kept_on(doctree):
            name = number["name"]
            if name in names:
                logger.warning("number %s: kept twice on this page, expected once", name, location=node)
            in_spec = number["key"] in spec_values()  # or computed by the cell from such values
            page, anchor = (VALUES, spec_anchor(number["key"])) if in_spec else (app.env.docname, f"kept-{name}")
            names[name] = Number(*(number[part] for part in ("value", "text", "unit", "kind", "source")), page, anchor)


def spec_anchor(key: str) -> str:
    """The anchor of a value of zhenwu/spec on the page of values."""
    return "value-" + key.replace(".", "-")


@cache
def spec_values() -> dict[str, Sourced]:
    """Every value of zhenwu/spec that has a key."""
    return {home.entry.key: home.entry for home in homes() if home.entry.key}


def find(env: BuildEnvironment, docname: str, key: str) -> Number | None:
    """The number of a key as seen from a page, or None."""
    if "." in key:
        return _of_spec(spec_values().get(key))
    page, _, name = key.rpartition(":")
    return env.__dict__.get("kept_numbers", {}).get(page or docname, {}).get(name)


def _of_spec(entry: Sourced | None) -> Number | None:
    if entry is None:
        return None
    values = entry.value if isinstance(entry.value, tuple) else (entry.value,)
    text = "not published" if entry.value is None else " to ".join(written(value) for value in values)
    unit = "" if entry.value is None else entry.unit
    return Number(entry.value, text, unit, entry.kind, entry.source[0].title, VALUES, spec_anchor(entry.key))


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put each number in the place of its reference."""
    for node in list(doctree.findall(kept_number)):
        number = find(app.env, docname, node["key"])
        if number is None:
            wanted = "a name that a cell keeps, page:name, or the key of a value in zhenwu/spec"
            logger.warning("number %s: nothing holds it; expected %s", node["key"], wanted, location=node)
            node.replace_self(nodes.problematic(text=node["key"]))
            continue
        shown = nodes.inline("", number.quantity, classes=["kept", "words"] if number.in_words else ["kept"])
        if not node["bare"]:
            shown += nodes.Text("\N{NARROW NO-BREAK SPACE}")
            address = "" if number.page == docname else app.builder.get_relative_uri(docname, number.page)
            title = f"{number.kind}: {number.source}"
            shown += nodes.reference(
                "", number.kind, internal=True, refuri=f"{address}#{number.anchor}", reftitle=title,
                classes=["kind", f"kind-{number.kind}"],
            )
        node.replace_self(shown)


def readers_of_other_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that quote another page's number are written anew each time: that number may have changed."""
    quoting = []
    for docname in env.found_docs:
        keys = (node["key"] for node in env.get_doctree(docname).findall(kept_number))
        if any(":" in key for key in keys):
            quoting.append(docname)
    return quoting


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(kept_number)
    for name in ("number", "value"):
        app.add_role(name, NumberRole())
    app.add_env_collector(KeptNumbers)
    app.connect("env-updated", readers_of_other_pages)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

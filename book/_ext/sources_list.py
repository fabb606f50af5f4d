"""The bibliography: every source that a value of `zhenwu/spec` rests on, or that the text cites.

The directive `{sources}` lists them, each with the values that rest on it. In the text, `` {source}`ocp-mx` `` links to
the entry of `OCP_MX` in `zhenwu/spec/sources.py`, with its title; `` {source}`their paper <mma-sim>` `` with words of
one's own. A name that the file does not hold is a warning with file and line, and ends the build.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from typing import TYPE_CHECKING

from docutils import nodes
from folds import folded, handle
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective

from zhenwu import spec
from zhenwu.spec.assumptions import homes
from zhenwu.spec.sourced import Source

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
PAGE = "bibliography"
VALUES = "values"


@cache
def bibliography() -> dict[str, Source]:
    """Every source by name: the spec's constants, and those with an address or a date that stand beside a value."""
    modules = (importlib.import_module(info.name) for info in pkgutil.iter_modules(spec.__path__, "zhenwu.spec."))
    constants = [item for module in modules for item in vars(module).items() if isinstance(item[1], Source)]
    named = {name.lower().replace("_", "-"): entry for name, entry in constants}
    beside = [entry for home in homes() for entry in home.entry.source if entry.url or entry.date]
    for entry in beside:
        if entry not in named.values():
            named[re.sub(r"\W+", "-", entry.title.lower()).strip("-")] = entry
    return dict(sorted(named.items(), key=lambda item: item[1].title.lower()))


def name_of(source: Source) -> str:
    """The name of a source in the bibliography; "" for a reason or a formula, which is none."""
    return next((name for name, entry in bibliography().items() if entry == source), "")


MOST_KEYS = 6  # more are folded


def keys_resting_on(source: Source) -> list[str]:
    """The values that name this source."""
    return sorted({home.entry.key for home in homes() if source in home.entry.source})


def link(text: str, page: str, anchor: str) -> nodes.reference:
    """A link to an anchor of another page of the book: all pages lie in one folder."""
    return nodes.reference("", text, internal=True, refuri=f"{page}.html#{anchor}")


class SourcesDirective(SphinxDirective):
    """The list of all sources."""

    def run(self) -> list[nodes.Node]:
        return [nodes.definition_list("", *(self.item(name, entry) for name, entry in bibliography().items()))]

    def item(self, name: str, source: Source) -> nodes.definition_list_item:
        term = nodes.term("", "", ids=[f"source-{name}"])
        term += nodes.reference("", source.title, refuri=source.url) if source.url else nodes.Text(source.title)
        when = f"{source.date}. " if source.date else ""
        where = "" if source.url else "No address recorded. "
        keys = keys_resting_on(source)
        line = nodes.paragraph("", when + where + ("" if keys else "Cited in the text."))
        resting = nodes.paragraph("", "Rests on it: " if len(keys) == 1 else "Rest on it: ")
        for number, key in enumerate(keys):
            resting += [nodes.Text(", ")] * (number > 0)
            resting += link(key, VALUES, "value-" + key.replace(".", "-"))
        for node in (term, line, resting):
            self.set_source_info(node)
        shown = [line] * bool(line.astext()) + [resting] * bool(keys)
        if len(keys) > MOST_KEYS:
            shown[-1] = folded("", handle("", f"{len(keys)} values rest on it"), resting)
        return nodes.definition_list_item("", term, nodes.definition("", *shown))


class SourceRole(ReferenceRole):
    """A link to a source's entry."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        entry = bibliography().get(self.target)
        if entry is None:
            expected = "expected a name of zhenwu/spec/sources.py, in small letters with dashes"
            logger.warning("source %s: no such entry; %s", self.target, expected, location=self.get_location())
            return [nodes.problematic(text=self.target)], []
        return [link(self.title if self.has_explicit_title else entry.title, PAGE, f"source-{self.target}")], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("folds")
    app.add_directive("sources", SourcesDirective)
    app.add_role("source", SourceRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}

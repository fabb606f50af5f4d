"""The page of values: every number of `zhenwu/spec` with its kind, its sources and what it was computed from.

The directive `{values}` makes a section of each module. A value with a key has the anchor `value-` and its key, with
dashes for dots: there the badges of the text lead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from docutils import nodes
from number_role import spec_anchor
from sources_list import PAGE as BIBLIOGRAPHY
from sources_list import link, name_of
from sphinx.util.docutils import SphinxDirective

from zhenwu.chapter.show import written
from zhenwu.spec.assumptions import Home, homes
from zhenwu.spec.sourced import Sourced

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "values"
OURS = "ours: "  # how the reason of an assumed value begins


def distinct() -> list[Home]:
    """Every value once, in its first home: records share many."""
    found: dict[tuple[str, Sourced], Home] = {}
    for home in homes():
        found.setdefault((home.entry.key, home.entry), home)
    return list(found.values())


def quantity(entry: Sourced) -> str:
    """Value and unit; a pair is a range, more are a list."""
    if entry.value is None:
        return "not published"
    if isinstance(entry.value, bool):
        return "yes" if entry.value else "no"
    values = entry.value if isinstance(entry.value, tuple) else (entry.value,)
    between = " to " if len(values) == 2 else ", "
    text = between.join(written(value, ".6g" if isinstance(value, float) else "") for value in values)
    return f"{text} {entry.unit}".rstrip()


def keyed_inputs(entry: Sourced) -> Iterator[str]:
    """The nearest values with a key that this one was computed from."""
    for value in entry.inputs:
        if value.key:
            yield value.key
        else:
            yield from keyed_inputs(value)


def reasons(entry: Sourced) -> Iterator[nodes.Node]:
    """What a value rests on, piece by piece: links to sources, a formula, or our reason."""
    for source in entry.source:
        name = name_of(source)
        if name:
            yield nodes.inline("", "", nodes.Text("Source: "), link(source.title, BIBLIOGRAPHY, f"source-{name}"))
        elif source.title.startswith(OURS):
            yield nodes.Text("Ours, because: " + source.title.removeprefix(OURS))
        elif entry.inputs:
            yield nodes.inline("", "", nodes.Text("Computed as "), nodes.literal("", source.title))
        else:
            yield nodes.Text("Reason: " + source.title)


class ValuesDirective(SphinxDirective):
    """All values, a section for each module."""

    def run(self) -> list[nodes.Node]:
        self.anchored: set[str] = set()
        grouped = groupby(distinct(), key=lambda home: home.module)
        return [self.section(module, list(members)) for module, members in grouped]

    def section(self, module: str, members: list[Home]) -> nodes.section:
        path = module.replace(".", "/") + ".py"
        title = nodes.title("", path)
        about = (sys.modules[module].__doc__ or "").split("\n\n")[0].replace("`", "")
        opening = nodes.paragraph("", " ".join(about.split()))
        entries = nodes.definition_list("", *(self.item(home) for home in members), classes=["values"])
        for node in (title, opening):
            self.set_source_info(node)
        return nodes.section("", title, opening, entries, ids=["values-" + module.rpartition(".")[2].replace("_", "-")])

    def item(self, home: Home) -> nodes.definition_list_item:
        entry = home.entry
        badge = nodes.inline("", entry.kind, classes=["kind", f"kind-{entry.kind}"])
        name = nodes.literal("", entry.key or home.path())
        term = nodes.term("", "", name, nodes.Text(f" = {quantity(entry)} "), badge)
        anchor = spec_anchor(entry.key)
        if entry.key and anchor not in self.anchored:
            term["ids"] = [anchor]
            self.anchored.add(anchor)
        lines = [nodes.paragraph("", entry.note)] if entry.note else []
        lines += [nodes.paragraph("", "", reason) for reason in reasons(entry)]
        if keys := list(dict.fromkeys(keyed_inputs(entry))):
            made_of = nodes.paragraph("", "From ")
            for number, key in enumerate(keys):
                made_of += [nodes.Text(", ")] * (number > 0)
                made_of += nodes.reference("", key, internal=True, refuri=f"#{spec_anchor(key)}")
            lines.append(made_of)
        where = f"{home.path()}; confidence {entry.confidence}" if entry.confidence else home.path()
        lines.append(nodes.paragraph("", where, classes=["where"]))
        for node in (term, *lines[:-1]):
            self.set_source_info(node)
        return nodes.definition_list_item("", term, nodes.definition("", *lines))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("values", ValuesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

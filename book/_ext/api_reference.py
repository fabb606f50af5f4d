"""The reference of `zhenwu` and `hdl`: `{api} hdl` lists every module below `hdl` with its public names.

It reads the source and imports nothing. Each name is an object of Sphinx's Python domain, so that
`` {py:mod}`hdl.slice` `` or `` {py:func}`~hdl.tile.dot_unit.dot_unit` `` links to it, and each links to its line in the
source.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from package_source import address, modules, syntax, within
from plain_docstring import paragraphs
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
LONGEST_VALUE = 60  # of a constant, beyond which only its name is shown
Function = ast.FunctionDef | ast.AsyncFunctionDef


def public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef | ast.Assign | ast.AnnAssign]:
    """Functions, classes, constants and fields whose name does not begin with an underscore, each name once."""
    seen = set()
    for node in body:
        name = name_of(node)
        if name and not name.startswith("_") and name not in seen:
            seen.add(name)
            yield node


def name_of(node: ast.stmt) -> str:
    """What a statement defines; "" for one that defines nothing to be documented."""
    if isinstance(node, Function | ast.ClassDef):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names[0] if len(names) == 1 and (names[0].isupper() or isinstance(node, ast.AnnAssign)) else ""


def parameters(node: Function, method: bool) -> Iterator[str]:
    """The parameters as written, self left out."""
    listed = node.args
    positional = [*listed.posonlyargs, *listed.args]
    defaults = [None] * (len(positional) - len(listed.defaults)) + listed.defaults
    for number, (entry, default) in enumerate(zip(positional, defaults, strict=True)):
        if not (method and number == 0 and entry.arg in ("self", "cls")):
            yield parameter(entry, default)
    if listed.vararg or listed.kwonlyargs:
        yield "*" + (parameter(listed.vararg) if listed.vararg else "")
    for entry, default in zip(listed.kwonlyargs, listed.kw_defaults, strict=True):
        yield parameter(entry, default)
    if listed.kwarg:
        yield "**" + parameter(listed.kwarg)


def parameter(entry: ast.arg, default: ast.expr | None = None) -> str:
    """One parameter, its type and its default."""
    typed = f"{entry.arg}: {ast.unparse(entry.annotation)}" if entry.annotation else entry.arg
    equals = " = " if entry.annotation else "="
    return typed + (equals + ast.unparse(default) if default is not None else "")


class ApiDirective(SphinxDirective):
    """Every module of a package or module."""

    required_arguments = 1
    # the module itself, without what is below it; or without a package below it, which has a page of its own
    option_spec: ClassVar[dict] = {"alone": directives.flag, "but": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        elsewhere = within(self.options.get("but", ""))
        found = [name for name in within(self.arguments[0])
                 if name not in elsewhere and ("alone" not in self.options or name == self.arguments[0])]
        if not found:
            logger.warning("api %s: expected a package or module of zhenwu or hdl", self.arguments[0],
                           location=self.get_location())
        return [self.module(name) for name in found]

    def module(self, name: str) -> nodes.section:
        tree, anchor = syntax(name), f"module-{name}"
        self.lines = modules()[name].read_text(encoding="utf-8").splitlines()
        self.current = name
        domain = self.env.get_domain("py")
        domain.note_module(name, anchor, "", "", False)
        domain.note_object(name, "module", anchor, location=self.get_location())
        title = nodes.title("", name, translatable=False)
        section = nodes.section("", title, ids=[anchor], classes=["api-module"])
        section += nodes.paragraph("", "", nodes.reference("", "Source", internal=True, refuri=address(name),
                                                           reftitle=f"Source of {name}"), translatable=False)
        section += list(paragraphs(ast.get_docstring(tree) or ""))
        for node in public(tree.body):
            section += self.described(node, "")
        return section

    def described(self, node: ast.stmt, owner: str) -> addnodes.desc:
        kind = "class" if isinstance(node, ast.ClassDef) else "function" if isinstance(node, Function) else "data"
        if owner:
            kind = {"function": "method", "data": "attribute"}.get(kind, kind)
        name = f"{owner}.{name_of(node)}" if owner else name_of(node)
        full = f"{self.current}.{name}"
        signature = addnodes.desc_signature("", "", ids=[full], module=self.current, fullname=name)
        signature += self.heading(node, kind)
        signature += nodes.inline("", "", nodes.reference(
            "", "source", internal=True, refuri=address(self.current, node.lineno), reftitle=f"Source of {full}"),
            classes=["api-source"])
        self.env.get_domain("py").note_object(full, kind, full, location=self.get_location())
        content = addnodes.desc_content("", *self.body(node, name))
        return addnodes.desc("", signature, content, domain="py", objtype=kind, desctype=kind, no_index=True,
                             classes=["py", kind])

    def heading(self, node: ast.stmt, kind: str) -> Iterator[nodes.Node]:
        """Name and parameters, type or value."""
        if kind == "class":
            yield addnodes.desc_annotation("", "class ")
        decorators = [ast.unparse(entry) for entry in getattr(node, "decorator_list", [])]
        if "block" in decorators:
            yield addnodes.desc_annotation("", "block ")
        yield addnodes.desc_name("", name_of(node))
        if isinstance(node, Function) and "property" not in decorators:
            listed = addnodes.desc_parameterlist("", "")
            listed += [addnodes.desc_parameter("", text) for text in parameters(node, kind == "method")]
            yield listed
        if isinstance(node, Function) and node.returns:
            yield addnodes.desc_returns("", ast.unparse(node.returns))
        if isinstance(node, ast.AnnAssign):
            yield addnodes.desc_annotation("", f": {ast.unparse(node.annotation)}")
        if isinstance(node, ast.Assign) and len(value := ast.unparse(node.value)) <= LONGEST_VALUE:
            yield addnodes.desc_annotation("", f" = {value}")

    def body(self, node: ast.stmt, name: str) -> Iterator[nodes.Node]:
        """The docstring and what belongs to a class; the comment behind a constant or a field."""
        if isinstance(node, Function | ast.ClassDef):
            yield from paragraphs(ast.get_docstring(node) or "")
        else:
            comment = re.search(r"  # (.*)", self.lines[node.lineno - 1])
            if comment:
                yield from paragraphs(comment[1])
        if isinstance(node, ast.ClassDef):
            for member in public(node.body):
                yield self.described(member, name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("api", ApiDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

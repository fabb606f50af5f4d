"""What a page's text names, for its notebook: numbers, terms, pages, sources, live cells, its place in the book."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import number_role
from docutils import nodes
from glossary import CHINESE
from live import EXERCISES, live_cell
from sources_list import bibliography
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

from zhenwu.spec.chapters import CHAPTERS, RUNGS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

CELL = re.compile(r"^(`{3,}|:{3,})\{(code-cell|live)\}", re.M)
OURS = {chapter.stem: chapter for chapter in CHAPTERS}


def has_notebook(env: BuildEnvironment, docname: str) -> bool:
    """Whether a page is a chapter or an appendix with cells."""
    return docname in OURS and bool(CELL.search(Path(env.doc2path(docname)).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Term:
    name: str
    chinese: str
    meaning: str


@dataclass(frozen=True)
class LiveSource:
    """A live cell as its page shows it; `task` is what the reader shall do."""

    file: str
    vectors: str
    show: list[str]
    source: str
    task: str


class Book:
    """What a page's text names, seen from that page; None for what the book does not have, which Sphinx warns of."""

    def __init__(self, app: Sphinx, docname: str):
        self.app, self.env, self.docname = app, app.env, docname
        self.standard = app.env.get_domain("std")

    def number(self, key: str) -> tuple[str, str] | None:
        """The quantity as the page shows it, and its kind."""
        found = number_role.find(self.env, self.docname, key)
        return found and (found.quantity, found.kind)

    def term(self, name: str) -> Term | None:
        """The glossary's entry, in plain text."""
        places = {key.lower(): place for (kind, key), place in self.standard.objects.items() if kind == "term"}
        docname, anchor = places.get(name.lower(), ("", ""))
        for item in self.env.get_doctree(docname).findall(nodes.definition_list_item) if docname else ():
            names = [node for node in item.children if isinstance(node, nodes.term)]
            if any(anchor in node["ids"] for node in names):
                texts = [node.astext() for node in names]
                english = next(text for text in texts if not CHINESE.search(text))
                return Term(english, next(filter(CHINESE.search, texts), ""), self.meaning(item.children[-1], docname))
        return None

    def meaning(self, definition: nodes.Element, docname: str) -> str:
        """The first paragraph of a definition."""
        paragraph = definition[0].deepcopy()
        for node in list(paragraph.findall(number_role.kept_number)):
            found = number_role.find(self.env, docname, node["key"])
            node.replace_self(nodes.Text(found.quantity if found else node["key"]))
        for node in list(paragraph.findall(nodes.math)):
            node.replace_self(nodes.Text(f"${node.astext()}$"))
        return re.sub(r"[ \n]+", " ", paragraph.astext())

    def page(self, name: str) -> tuple[str, str] | None:
        """The title of a page, and the file of its notebook, "" without one."""
        if name not in self.env.titles:
            return None
        return self.env.titles[name].astext(), f"{name}.ipynb" if has_notebook(self.env, name) else ""

    def label(self, name: str) -> tuple[str, str] | None:
        """The page on which a label stands, and its title there."""
        docname, _ = self.standard.anonlabels.get(name, ("", ""))
        return (docname, self.standard.labels.get(name, ("", "", name))[2]) if docname else None

    def source(self, name: str) -> tuple[str, str] | None:
        """The title and the address of a source, "" without one."""
        found = bibliography().get(name)
        return found and (found.title, found.url)

    def live(self, name: str) -> LiveSource | None:
        """A live cell of this page as the build played it."""
        for node in self.env.get_doctree(self.docname).findall(live_cell):
            if node["name"] == name:
                task = EXERCISES.get(node["exercise"], "Change what you like, and run the cell.")
                return LiveSource(node["file"], node["vectors"], node["show"], node["source"], task)
        return None

    def quoted(self, file: str, options: dict[str, str]) -> str:
        """The lines that a literalinclude shows."""
        known = {name: LiteralInclude.option_spec[name](value) for name, value in options.items()}
        path = Path(self.env.doc2path(self.docname)).parent / file
        return LiteralIncludeReader(str(path), known, self.app.config).read()[0]

    def ladder(self) -> str:
        """Where the chapter stands, in MyST Markdown; its own number stays unsaid, since the chapter leads to it."""
        chapter = OURS[self.docname]
        own = chapter.handed_on.key.startswith(f"{self.docname}:")
        rows = {
            "Where this chapter stands": " · ".join(f"**{name}**" if name in chapter.rungs else name for name in RUNGS),
            "Receives": said(*chapter.received),
            "Hands on": said(chapter.handed_on.words, "" if own else chapter.handed_on.key),
            "Serves": " · ".join(claim.name for claim in chapter.claims),
            "Needs": " · ".join(map(self.needed, chapter.needs)),
            "Reading time": f"{chapter.minutes} minutes" if chapter.minutes else "",
        }
        return "".join(f"- *{name}:* {row}\n" for name, row in rows.items() if row)

    def needed(self, need: str) -> str:
        """A chapter by its stem as a link, one that is not written by its title; what is no stem, in words."""
        if need in self.env.found_docs:
            return f"[{self.env.titles[need].astext()}]({need}.md)"
        return f"{OURS[need].title} *(planned)*" if need in OURS else need


def said(words: str, key: str) -> str:
    return f"{words}: {{number}}`{key}`" if key else words

"""The book's spine in its pages: where a chapter stands, what the article claims, and which chapters there are.

    ```{ladder}
    ```

heads a chapter: the rungs with "you are here", the claims that it serves, the number that it receives and the one that
it hands on. `{claims}` is the table of all claims with their verdicts, and `{contents}` the list of all chapters.
All three read `zhenwu/spec/chapters.py` and `zhenwu/spec/claims.py`; `spine_checks.py` holds pages and tables together.
A chapter is written when the book has its page, and planned otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import number_role
import spine_checks
from docutils import nodes
from docutils.statemachine import StringList
from folds import folded, handle
from sphinx.util.docutils import SphinxDirective
from spine_places import Place, place

from zhenwu.spec import chapters, claims
from zhenwu.spec.chapters import APPENDICES, PARTS, RUNGS, Chapter, Handover
from zhenwu.spec.claim import TOPICS, VERDICTS, Claim
from zhenwu.spec.sources import ARTICLE

if TYPE_CHECKING:
    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

NUMERALS = ("I", "II", "III", "IV", "V", "VI")
BETWEEN = " · "


class landmark(nodes.General, nodes.Element):
    """A part of the page that can be jumped to; the paragraph with the id `label` names it."""


class rung(nodes.Part, nodes.Element):
    """One rung of the ladder, `here` or not."""


class Spine(SphinxDirective):
    """What the three directives share: text out of the tables, as nodes that a translator meets like any other."""

    has_content: ClassVar[bool] = False

    def note(self) -> None:
        """These pages are read again when a page comes or goes, since planned chapters may have been written."""
        self.env.__dict__.setdefault("spine_pages", set()).add(self.env.docname)

    def said(self, text: str, where: Place, *classes: str) -> nodes.paragraph:
        """A paragraph of a table's text, in MyST; what is wrong with it is reported where the table has it."""
        holder = nodes.Element()
        self.state.nested_parse(StringList([text], source=where.file), 0, holder)
        for node in holder.findall():
            node.source, node.line = where
        (paragraph,) = holder
        paragraph["classes"] += classes
        return paragraph

    def rows(self, rows: dict[str, Iterable[Element]], where: Place, *classes: str) -> nodes.definition_list:
        """A list of names and what each stands for; a name with nothing behind it is left out."""
        listed = nodes.definition_list("", classes=list(classes))
        for name, behind in rows.items():
            if behind := [*behind]:
                term = nodes.term(name, name)
                term.source, term.line = where
                listed += nodes.definition_list_item("", term, nodes.definition("", *behind))
        return listed

    def written(self, stem: str) -> bool:
        return stem in self.env.found_docs

    def chapter_link(self, chapter: Chapter) -> str:
        """A link to a written chapter; a planned one is only named, and called planned."""
        if self.written(chapter.stem):
            return f"{{doc}}`{chapter.title} </{chapter.stem}>`"
        return f"{chapter.title} *(planned)*"

    def chapter_links(self, stems: Iterable[str]) -> str:
        """Links to chapters by stem; what is no stem stands as it is."""
        known = {chapter.stem: chapter for chapter in chapters.CHAPTERS}
        return BETWEEN.join(self.chapter_link(known[stem]) if stem in known else stem for stem in stems)

    def handover(self, piece: Handover, where: Place) -> list[Element]:
        """A piece of the running example, with its number if there is one; this page's own stays folded."""
        if not piece.key:
            return [self.said(piece.words, where)]
        if piece.key.partition(":")[0] != self.env.docname:
            return [self.said(f"{piece.words}: {{number}}`{piece.key}`", where)]
        opener = handle("Show the number", "Show the number")
        opener.source, opener.line = where
        return [self.said(piece.words, where), folded("", opener, self.said(f"{{number}}`{piece.key}`", where))]


def claim_link(claim: Claim) -> str:
    return f"{{ref}}`{claim.name} <claim-{claim.id}>`"


class Ladder(Spine):
    """ladder: takes no arguments, since the page's own file says which chapter it is."""

    def run(self) -> list[Node]:
        self.note()
        entries = [chapter for chapter in chapters.CHAPTERS if chapter.stem == self.env.docname]
        if not entries:
            raise self.error(f"ladder on page {self.env.docname}: expected a chapter of zhenwu/spec/chapters.py")
        (chapter,) = entries
        where = place("Chapter", chapter.stem)
        steps = nodes.enumerated_list("", enumtype="arabic", classes=["rungs"])
        for name in RUNGS:
            word = nodes.paragraph(name, name)
            word.source, word.line = where
            steps += rung("", word, here=name in chapter.rungs)
        served = BETWEEN.join(map(claim_link, chapter.claims))
        rows = {
            "Receives": self.handover(chapter.received, where),
            "Hands on": self.handover(chapter.handed_on, where),
            "Serves": [self.said(served, where)] if served else [],
            "Needs": [self.said(self.chapter_links(chapter.needs), where)] if chapter.needs else [],
            "Reading time": [self.said(f"{chapter.minutes} minutes", where)] if chapter.minutes else [],
        }
        title = self.said("Where this chapter stands", where, "ladder-title")
        title["ids"].append("where-this-chapter-stands")
        return [landmark("", title, steps, self.rows(rows, where), label=title["ids"][0], classes=["ladder"])]


class Claims(Spine):
    """claims: first which claims have which verdict, then each claim by topic, as a card that fits a phone."""

    def run(self) -> list[Node]:
        self.note()
        return [self.summary(), *map(self.topic, TOPICS)]

    def summary(self) -> nodes.definition_list:
        where = place("Claim", claims.CLAIMS[0].id)
        listed = nodes.definition_list("", classes=["verdicts"])
        for verdict in VERDICTS:
            found = [claim for claim in claims.CLAIMS if claim.verdict == verdict]
            if found:
                term = nodes.term(verdict, verdict, classes=verdict_classes(verdict))
                term.source, term.line = where
                names = self.said(f"{len(found)}: " + BETWEEN.join(map(claim_link, found)), where)
                listed += nodes.definition_list_item("", term, nodes.definition("", names))
        return listed

    def topic(self, topic: str) -> nodes.section:
        cards = [self.card(claim) for claim in claims.CLAIMS if claim.topic == topic]
        title = nodes.title(topic, topic)
        title.source, title.line = cards[0].source, cards[0].line
        anchor = f"claims-{nodes.make_id(topic)}"
        return nodes.section("", title, nodes.bullet_list("", *cards, classes=["claims"]), ids=[anchor])

    def card(self, claim: Claim) -> nodes.list_item:
        where, anchor = place("Claim", claim.id), f"claim-{claim.id}"
        self.env.get_domain("std").note_hyperlink_target(anchor, self.env.docname, anchor, claim.name)
        verdict = self.said(claim.verdict, where, *verdict_classes(claim.verdict))
        rows = {
            "Behind the verdict": numbers(claim.figure),
            "Also known": numbers(fact.key for fact in claim.other_facts()),
            "Also said by": other_sources(claim),
            "Chapters": [self.said(self.chapter_links(claim.chapters), where)] if claim.chapters else [],
        }
        name = self.said(f"**{claim.name}**", where, "claim-name")
        words = [self.said(text, where, kind) for text, kind in ((claim.words, "words"), (claim.remark, "remark"))]
        card = nodes.list_item("", name, verdict, *words, self.rows(rows, where, "behind"), ids=[anchor])
        card.source, card.line = where
        return card


def numbers(keys: Iterable[str]) -> list[nodes.bullet_list]:
    """A list of numbers, each by its key and with its badge; no list where there are none."""
    lines = [(nodes.literal(key, key), nodes.Text(" "), number_role.reference(key)) for key in keys]
    items = [nodes.list_item("", nodes.paragraph("", "", *line)) for line in lines]
    return [nodes.bullet_list("", *items)] if items else []


def verdict_classes(verdict: str) -> list[str]:
    return ["finding", f"finding-{nodes.make_id(verdict)}"]


def other_sources(claim: Claim) -> list[nodes.paragraph]:
    """Who says so besides the article, and when, each a link where there is an address."""
    said = nodes.paragraph()
    for source in claim.sources:
        if source != ARTICLE:
            said += nodes.Text(BETWEEN if len(said) else "")
            title = nodes.Text(source.title)
            said += nodes.reference("", "", title, refuri=source.url) if source.url else title
            said += nodes.Text(f", {source.date}" if source.date else "")
    return [said] if len(said) else []


class Contents(Spine):
    """contents: all chapters by part, with what each hands on of the running example."""

    def run(self) -> list[Node]:
        self.note()
        found: list[Node] = []
        for number, part in enumerate(PARTS):
            members = [chapter for chapter in chapters.CHAPTERS if chapter.part == part]
            name = part if part == APPENDICES else f"{NUMERALS[number]} {part}"
            heading = nodes.rubric(name, name)
            heading.source, heading.line = place("Chapter", members[0].stem)
            found += [heading, nodes.bullet_list("", *map(self.entry, members), classes=["chapters"])]
        return found

    def entry(self, chapter: Chapter) -> nodes.list_item:
        where = place("Chapter", chapter.stem)
        return nodes.list_item(
            "", self.said(self.chapter_link(chapter), where), self.said(chapter.handed_on.words, where, "handed-on")
        )


def open_landmark(translator: HTML5Translator, node: landmark) -> None:
    translator.body.append(translator.starttag(node, "nav", **{"aria-labelledby": node["label"]}))


def close_landmark(translator: HTML5Translator, node: landmark) -> None:
    translator.body.append("</nav>\n")


def open_rung(translator: HTML5Translator, node: rung) -> None:
    here = {"CLASS": "here", "aria-current": "step"} if node["here"] else {}
    translator.body.append(translator.starttag(node, "li", "", **here))


def close_rung(translator: HTML5Translator, node: rung) -> None:
    translator.body.append("</li>\n")


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> set[str]:
    """The pages that say which chapters are written, if a page came or went."""
    return env.__dict__.get("spine_pages", set()) & env.found_docs if added or removed else set()


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("number_role")
    app.add_node(landmark, html=(open_landmark, close_landmark))
    app.setup_extension("folds")
    app.add_node(rung, html=(open_rung, close_rung))
    app.add_directive("ladder", Ladder)
    app.add_directive("claims", Claims)
    app.add_directive("contents", Contents, override=True)  # docutils has one of that name, which this book never uses
    app.connect("env-get-outdated", outdated)
    app.connect("env-check-consistency", spine_checks.check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

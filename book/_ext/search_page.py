"""The search page, in the place of Sphinx's: phrases through pagefind, and any part of a glossary term.

pagefind cuts a text into words, and Chinese has no gaps between them, so that it finds no part of a term. The page
therefore lists the glossary's names, and the script looks into that list itself: it is there already, it works without
a server, and without a script it can still be read. Only this page loads the index, piece by piece as it is asked.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from glossary import CHINESE, entries
from pagefind.index import PagefindIndex
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

PAGE, GLOSSARY = "search", "glossary"
NOT_SEARCHED = {PAGE, "genindex"}
LATER, LIGHT = ("api", "values", "bibliography"), 0.2  # long lists, which would come first by their many words
ARTICLE = '<article class="bd-article"'
ANCHORED = r'<section\1\3>\4<\5 id="\2">'
LEFT_OUT = [  # of an article: what is no prose, or said twice
    ".headerlink", "script", "form", "svg", "table.live-values", "div.cell_output pre", ".kept-line", "textarea",
    "details.above-input", "details.values", ".api-source", ".cell_input", ".kind",
]


class search_field(nodes.Part, nodes.TextElement):
    """The input with its label, which is the node's text."""


class term_list(nodes.General, nodes.Element):
    """The names of all glossary entries, filled in when the page is written."""


class SearchDirective(SphinxDirective):
    """The form and the place for results. The content is the label of the input."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        label = search_field("", " ".join(self.content))
        self.set_source_info(label)
        return [label]


class TermsDirective(SphinxDirective):
    """Every name of the glossary, with a link."""

    def run(self) -> list[nodes.Node]:
        return [term_list()]


def visit_field(translator: HTML5Translator, node: search_field) -> None:
    translator.body.append(
        f'<form id="search-form" role="search" action="{PAGE}.html" method="get">'
        f'<label for="search-text">{escape(node.astext())}</label>'
        '<input id="search-text" type="search" name="q" autocomplete="off" spellcheck="false">'
        '<button type="submit">Search</button></form>'
        '<p id="search-status" role="status"></p><ol id="search-results"></ol>'
        '<button id="search-more" type="button" hidden>More pages</button>'
        f'<script defer src="{PAGE}.js"></script>\n'
    )
    raise nodes.SkipNode


def fill_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a link to every glossary entry, with all its names, in the place of the list."""
    for place in list(doctree.findall(term_list)):
        listed = nodes.bullet_list("", ids=["search-terms"])
        for terms in entries(app.env.get_doctree(GLOSSARY)):
            link = nodes.reference("", "", internal=True, refuri=f"{GLOSSARY}.html#{terms[0]['ids'][0]}")
            for number, term in enumerate(terms):
                name = term.astext()
                link += [nodes.Text(" ")] * (number > 0)
                link += nodes.inline("", name, classes=["language-zh"]) if CHINESE.search(name) else nodes.Text(name)
            listed += nodes.list_item("", nodes.paragraph("", "", link))
        place.replace_self(listed)


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The page shows the glossary's names, so it is written whenever anything is."""
    return [PAGE] if PAGE in env.found_docs else []


def without_stock_search(app: Sphinx) -> None:
    """No searchindex.js, no search.html of Sphinx's own."""
    app.builder.search = False


def indexable(name: str, html: str) -> str:
    """A page as pagefind shall read it: a section's anchor on its heading; in the order of hits, prose before code."""
    html = re.sub(r'<section([^>]*) id="([^"]+)"([^>]*)>(\s*(?:<span id="[^"]*"></span>)*\s*)<(h\d)>', ANCHORED, html)
    weight = f'<article class="bd-article" data-pagefind-weight="{LIGHT}"' if name.startswith(LATER) else ARTICLE
    return html.replace(ARTICLE, weight, 1)


async def write_index(pages: dict[str, str], folder: Path) -> None:
    """The index of these pages, by address, in a folder of its own."""
    config = {"root_selector": "article.bd-article", "exclude_selectors": LEFT_OUT, "output_path": str(folder)}
    async with PagefindIndex(config=config) as index:
        for address, html in sorted(pages.items()):
            await index.add_html_file(content=html, url=address)


def index_site(app: Sphinx, error: Exception | None) -> None:
    """Index the pages that were written, the search page and the index left out."""
    if error is not None or app.builder.name != "html":
        return
    outdir = Path(app.outdir)
    pages = {f"{name}.html": indexable(name, (outdir / f"{name}.html").read_text(encoding="utf-8"))
             for name in app.env.found_docs - NOT_SEARCHED}
    shutil.rmtree(outdir / "pagefind", ignore_errors=True)
    asyncio.run(write_index(pages, outdir / "pagefind"))
    for unused in (outdir / "pagefind").glob("pagefind-*ui*"):
        unused.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(search_field, html=(visit_field, None))
    app.add_node(term_list)
    app.add_directive("search", SearchDirective)
    app.add_directive("search-terms", TermsDirective)
    app.connect("builder-inited", without_stock_search)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", fill_terms)
    app.connect("build-finished", index_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The pages of an offline copy: what `make epub` packs, and what `make pdf` prints.

One builder makes the pages of both, Sphinx's own for EPUB with a few changes. A page has no script and no controls
(`static_html.py`; nodes of ours look at the builder's name); a link to a page that copies leave out becomes text
(`epub_exclude_files` in `_config.yml`); the contents have the book's parts; the style is `book/copies/copy.css` alone.
"""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from book_facts import ROOT, project
from docutils import nodes
from sphinx import addnodes
from sphinx.builders.epub3 import Epub3Builder, NavPoint
from static_html import static

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

STYLE = ROOT / "book" / "copies" / "copy.css"
SUFFIX = ".xhtml"


class OfflineCopy(Epub3Builder):
    """Sphinx's EPUB builder; pages stand in the EPUB in the order of the table of contents, under their parts."""

    def copy_static_files(self) -> None:
        """Nothing: one style sheet is the whole of it, see `copy_extra_files`."""

    def copy_extra_files(self) -> None:
        """The style sheet, with the colours of code at its end; what extensions have put here for the site goes."""
        shutil.rmtree(Path(self.outdir) / "_static", ignore_errors=True)
        Path(self.outdir, "_static").mkdir()
        code = self.highlighter.get_stylesheet()
        Path(self.outdir, STYLE.name).write_text(f"{STYLE.read_text(encoding='utf-8')}{code}\n", encoding="utf-8")

    def build_content(self) -> None:
        """As Sphinx has it, and which pages hold formulas and drawings: EPUB asks for that."""
        super().build_content()
        manifest = Path(self.outdir, "content.opf")
        text = manifest.read_text(encoding="utf-8")
        for name in self.files:
            page = Path(self.outdir, name).read_text(encoding="utf-8") if name.endswith(SUFFIX) else ""
            holds = [kind for kind, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in page]
            if holds:
                named = f'href="{name}"'
                text = text.replace(named, f'{named} properties="{" ".join(holds)}"', 1)
        manifest.write_text(text, encoding="utf-8")

    def toc_metadata(self, level: int, navpoints: list[NavPoint]) -> dict[str, Any]:
        return super().toc_metadata(level, navpoints) | {"uid": self.config.epub_identifier}

    def build_navlist(self, navnodes: list[dict[str, Any]]) -> list[NavPoint]:
        """Parts, their chapters, the sections of each; a part opens its first chapter."""
        root = self.config.root_doc
        listed = [self.entry(root)]
        for toctree in self.env.get_doctree(root).findall(addnodes.toctree):
            names = [name for _, name in toctree["entries"] if f"{name}{SUFFIX}" not in self.ignored_files]
            inside = [self.entry(name) for name in names if name in self.env.found_docs]
            if inside:
                listed.append(NavPoint(escape(toctree["caption"]), inside[0].refuri, inside))
        return listed

    def entry(self, docname: str) -> NavPoint:
        """A page and its sections."""
        file = docname + SUFFIX

        def below(listed: nodes.Element) -> list[NavPoint]:
            found = []
            for item in listed.children:
                if isinstance(item, nodes.list_item):
                    (link,) = item[0].findall(nodes.reference)
                    deeper = [point for part in item[1:] for point in below(part)]
                    found.append(NavPoint(escape(link.astext()), file + link["anchorname"], deeper))
            return found

        (page,) = below(self.env.tocs[docname])
        return page._replace(refuri=file)


def describe(app: Sphinx, config: Config) -> None:
    """The EPUB's metadata, from the homes of each: _config.yml, pyproject.toml."""
    config.epub_title = config.html_title
    config.epub_basename = "book"
    config.epub_description = project()["description"]
    config.epub_publisher = config.epub_contributor = config.epub_author = config.author
    config.epub_copyright = "CC BY 4.0"
    config.epub_uid = "book"
    config.epub_identifier = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{config.html_title} {config.version}')}"
    config.epub_show_urls = "no"
    config.epub_use_index = False
    config.epub_tocscope = "includehidden"
    config.epub_tocdup = False


def bare_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> str | None:
    """The page's body without script and controls, in a template without the site's frame."""
    if app.builder.name != "epub" or "body" not in context:
        return None
    left_out = set(app.config.epub_exclude_files)
    inside = {f"{name}{SUFFIX}" for name in app.env.found_docs} - left_out
    context["body"] = static(context["body"], inside)
    context["style"] = STYLE.name
    return "copy.html"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_builder(OfflineCopy, override=True)
    app.connect("config-inited", describe, priority=700)
    app.connect("html-page-context", bare_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

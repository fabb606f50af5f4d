"""Every chapter as a notebook to take away: `notebooks/<chapter>.ipynb` of the site, and all of them in a zip.

A chapter or appendix with cells gets its notebook, and a link to it below its title or its ladder. The directive

    ```{notebooks}
    ```

lists them all with their sizes. They are made anew in each build, from the pages and from what the built book knows:
numbers that cells kept, glossary, titles. `notebook_cells.py` converts; what it cannot convert is a warning with file
and line, and ends the build. `notebook_names.py` looks up what the text names.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import nbformat
from docutils import nodes
from notebook_cells import notebook
from notebook_names import OURS, Book, has_notebook
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from zhenwu.spec.chapters import APPENDICES

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
FOLDER = "notebooks"  # of the site
PAGE = "notebooks"  # that says how to work with them
ZIP = "zhenwu-notebooks.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, so that the same pages give the same bytes
NOTE = """
> *{book}*, version {version}: this chapter as a notebook. A number in the text is the one of the built book, with its
> kind in brackets; the cells that you run print your own.
>
> It needs Python 3.11 to 3.13. Once, in the folder of the repository: `pip install ".[notebooks]"`. Then, here:
> `jupyter lab {stem}.ipynb`. To be graded: `zhenwu grade {stem}`. Text: CC BY 4.0; code: Apache-2.0.
"""
README = """{book}, version {version}: the chapters of the book as notebooks.

They need Python 3.11 to 3.13 and the package zhenwu, in a virtual environment. In the folder of its repository:

    pip install ".[notebooks]"

Then, in the folder of these files:

    jupyter lab

zhenwu grade CHAPTER, for example zhenwu grade {stem}, marks the exercises of CHAPTER.ipynb.

Code: Apache-2.0, in LICENSE-code.txt. Text and figures: CC BY 4.0, in LICENSE-text.txt.
"""


class download(nodes.General, nodes.TextElement):
    """A link to a `file` in the folder of notebooks, to be kept by the reader."""


class listing(nodes.General, nodes.Element):
    """Where the list of notebooks comes to stand."""


class NotebookList(SphinxDirective):
    """notebooks: takes no arguments."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        self.env.__dict__.setdefault("notebook_lists", set()).add(self.env.docname)
        return [listing()]


def is_site(app: Sphinx) -> bool:
    return app.builder.format == "html" and app.builder.name != "epub"


def size(data: bytes) -> str:
    return f"{len(data) / 1000:.0f}\N{NO-BREAK SPACE}kB"


class Notebooks:
    """The notebooks of one build, by file name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def convert(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Make them all, once every page has been read; the list of them is then written anew."""
        self.files = {}
        if not is_site(app):
            return []
        for stem in OURS:  # in the order of the book
            if stem in env.found_docs and has_notebook(env, stem):
                self.files[f"{stem}.ipynb"] = self.made(app, stem)
        if self.files:
            self.files[ZIP] = archive(self.files, said_of(app, next(iter(self.files)), README))
        return sorted(env.__dict__.get("notebook_lists", set()) & env.found_docs)

    def made(self, app: Sphinx, stem: str) -> bytes:
        path = app.env.doc2path(stem)

        def warn(line: int, sentence: str) -> None:
            logger.warning("notebook of %s: %s", stem, sentence, location=(stem, line))

        note = said_of(app, stem, NOTE)
        made = notebook(Path(path).read_text(encoding="utf-8"), Book(app, stem), note, warn)
        made.metadata["zhenwu"] = {"chapter": stem, "version": app.config.version}
        nbformat.validate(made)
        return (nbformat.writes(made) + "\n").encode()

    def fill(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put the list in its place, with links where there is something to download."""
        for place in list(doctree.findall(listing)):
            items = [self.item(app.env, name, data) for name, data in self.files.items()]
            place.replace_self(nodes.bullet_list("", *items, classes=["notebooks"]) if items else [])

    def item(self, env: BuildEnvironment, name: str, data: bytes) -> nodes.list_item:
        title = "All of them in one zip" if name == ZIP else env.titles[name.removesuffix(".ipynb")].astext()
        line = nodes.paragraph("", "", download("", title, file=name), nodes.Text(f", {size(data)}"))
        return nodes.list_item("", line)

    def write(self, app: Sphinx, error: Exception | None) -> None:
        """The files, and none that an earlier build left."""
        if error is None and self.files:
            folder = Path(app.outdir) / FOLDER
            folder.mkdir(exist_ok=True)
            for old in set(folder.iterdir()) - {folder / name for name in self.files}:
                old.unlink()
            for name, data in self.files.items():
                (folder / name).write_bytes(data)


def said_of(app: Sphinx, name: str, text: str) -> str:
    return text.format(book=app.config.html_title, version=app.config.version, stem=name.removesuffix(".ipynb"))


def archive(files: dict[str, bytes], readme: str) -> bytes:
    """A zip of the files, with a word on their use and both licences."""
    licences = {"LICENSE-code.txt": ROOT / "LICENSE", "LICENSE-text.txt": ROOT / "book" / "LICENSE"}
    beside = {name: path.read_bytes() for name, path in licences.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, data in {"README.txt": readme.encode(), **files, **beside}.items():
            made.writestr(zipfile.ZipInfo(f"zhenwu-notebooks/{name}", EPOCH), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def add_link(app: Sphinx, doctree: nodes.document) -> None:
    """Below the ladder, or the title, of a page with a notebook: the notebook, and how to work with it."""
    env = app.env
    if not has_notebook(env, env.docname):
        return
    heading = next(doctree.findall(nodes.title))
    above = next((node for node in doctree.findall(nodes.Element) if "ladder" in node.get("classes", ())), heading)
    part = "appendix" if OURS[env.docname].part == APPENDICES else "chapter"
    text = f"Download this {part} as a notebook"
    how = addnodes.pending_xref("", nodes.inline("", "How to work with it"), refdomain="std", reftype="doc",
                                reftarget=f"/{PAGE}", refdoc=env.docname, refexplicit=True, refwarn=True)
    lines = [nodes.paragraph("", "", download(text, text, file=f"{env.docname}.ipynb")),
             nodes.paragraph(f"[How to work with it]({PAGE}.md)", "", how)]
    place = nodes.container("", *lines, classes=["notebook", "no-print"])
    for node in (place, *place.findall(nodes.TextElement)):
        node.source, node.line = heading.source or env.doc2path(env.docname), heading.line or 1
    above.parent.insert(above.parent.index(above) + 1, place)


def without_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """A book that is no site has nothing to download; what the links say can be translated all the same."""
    if not is_site(app) and app.builder.name != "gettext":
        for place in list(doctree.findall(nodes.container)):
            if "notebook" in place["classes"]:
                place.parent.remove(place)


def open_download(translator: HTML5Translator, node: download) -> None:
    root = "../" * translator.builder.get_target_uri(translator.builder.current_docname).count("/")
    translator.body.append(translator.starttag(node, "a", "", href=f"{root}{FOLDER}/{node['file']}", download=""))


def close_download(translator: HTML5Translator, node: download) -> None:
    translator.body.append("</a>")


def setup(app: Sphinx) -> dict[str, bool]:
    notebooks = Notebooks()
    app.add_node(download, html=(open_download, close_download))
    app.add_node(listing)
    app.add_directive("notebooks", NotebookList)
    app.connect("doctree-read", add_link)
    app.connect("env-updated", notebooks.convert)
    app.connect("doctree-resolved", without_links)
    app.connect("doctree-resolved", notebooks.fill)
    app.connect("build-finished", notebooks.write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

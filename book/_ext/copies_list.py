"""What a reader can take away: links to what there is, and the command for what there is not.

    ```{copies}
    ```

Notebooks are linked where the book has their page. A PDF or an EPUB is linked, and put into the site, where `make pdf`
or `make epub` made it from the very files that this site is built from: a digest of those stands beside it in
`build/copies`. A copy of an older state is not linked. In a copy the directive says what a copy is.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from docutils import nodes
from fresh import ROOT, book_digest
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

COPIES = ROOT / "build" / "copies"
FOLDER = "copies"  # in the site
NOTEBOOKS, ARCHIVE = "notebooks", "notebooks/zhenwu-notebooks.zip"
KINDS = {
    "pdf": ("the whole book as a PDF", "to print, or to read on a screen"),
    "epub": ("the whole book as an EPUB", "for an electronic reader or a telephone"),
}
INSIDE = (
    "You are reading a copy of the book. Nothing runs in it: a live cell stands here as the build recorded it, a "
    "prediction asks for a pen, and solutions are unfolded. The reference of the code and the search are left to the "
    "online book."
)


class variant(nodes.General, nodes.Element):
    """Nodes for one case: `case` is notebooks, pdf, epub or copy, `there` says whether it is the case."""


class size(nodes.Inline, nodes.Element):
    """How large the copy of this `kind` is."""


def file_name(kind: str) -> str:
    """The copy's file is called by the book's title."""
    title = yaml.safe_load((ROOT / "book" / "_config.yml").read_text(encoding="utf-8"))["title"]
    return f"{nodes.make_id(title)}.{kind}"


def digest_file(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.made-from")


def note_made(copy: Path, digest: str) -> None:
    """Remember what a copy was made from: the book's digest at that time."""
    digest_file(copy).write_text(digest + "\n", encoding="utf-8")


def made_from(copy: Path) -> str:
    """What was remembered, or nothing."""
    return digest_file(copy).read_text(encoding="utf-8").strip() if digest_file(copy).exists() else ""


def current() -> dict[str, Path]:
    """The copies, by kind, that were made from the book as it is now."""
    found = {kind: COPIES / file_name(kind) for kind in KINDS}
    now = book_digest()
    return {kind: path for kind, path in found.items() if path.exists() and made_from(path) == now}


class Copies(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.__dict__.setdefault("copies_pages", set()).add(self.env.docname)
        notebooks = self.said(
            nodes.strong("", "Notebooks: "), self.link(f"{NOTEBOOKS}.html", "every chapter as a notebook"),
            ", to run and to change; ", self.link(ARCHIVE, "all in one archive"), ".",
        )
        items = [variant("", nodes.list_item("", notebooks), case="notebooks", there=True)]
        for kind, (name, purpose) in KINDS.items():
            made = self.said(
                nodes.strong("", f"{kind.upper()}: "), self.link(f"{FOLDER}/{file_name(kind)}", name), f", {purpose} (",
                size(kind=kind), ").",
            )
            missing = self.said(
                nodes.strong("", f"{kind.upper()}: "), "not made of the book as it stands here; in the repository, ",
                nodes.literal("", f"make {kind}"), " makes it and links it here.",
            )
            items += [variant("", nodes.list_item("", made), case=kind, there=True),
                      variant("", nodes.list_item("", missing), case=kind, there=False)]
        offered = variant("", nodes.bullet_list("", *items), case="copy", there=False)
        return [offered, variant("", self.said(INSIDE, classes=["copies-note"]), case="copy", there=True)]

    def said(self, *parts: str | nodes.Node, classes: tuple[str, ...] | list[str] = ()) -> nodes.paragraph:
        paragraph = nodes.paragraph(classes=list(classes))
        paragraph += [nodes.Text(part) if isinstance(part, str) else part for part in parts]
        self.set_source_info(paragraph)
        return paragraph

    def link(self, address: str, words: str) -> nodes.reference:
        return nodes.reference("", words, internal=True, refuri=address)


def choose(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep of each pair of variants the one that is the case, with the copy's size."""
    places = list(doctree.findall(variant))
    if not places:
        return
    there = current()
    cases = {kind: kind in there for kind in KINDS}
    cases |= {"copy": app.builder.name == "epub", NOTEBOOKS: NOTEBOOKS in app.env.found_docs}
    for place in places:
        at = place.parent.index(place)
        place.parent[at : at + 1] = place.children if cases[place["case"]] == place["there"] else []
    for place in list(doctree.findall(size)):
        place.replace_self(nodes.Text(f"{there[place['kind']].stat().st_size / 1e6:.1f} MB"))


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Copies come and go without a change of the pages that list them."""
    return [name for name in env.__dict__.get("copies_pages", ()) if name in env.found_docs]


def put_into_site(app: Sphinx, error: Exception | None) -> None:
    """The copies that are linked, and no others."""
    if error is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    for path in current().values():
        folder.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / path.name)


def setup(app: Sphinx) -> dict[str, bool]:
    for node in (variant, size):
        app.add_node(node)
    app.add_directive("copies", Copies)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", choose)
    app.connect("build-finished", put_into_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Code that a page includes from the package says which file it is from, with a link to its line there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from package_source import PACKAGES, ROOT, address, module_name

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def line_of(code: str, path: Path) -> int:
    """The line of a file at which a piece of it begins, its indentation set aside; 0 if it is not there."""
    wanted = [line.strip() for line in code.strip("\n").splitlines()]
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    starts = range(len(lines) - len(wanted) + 1)
    return next((start + 1 for start in starts if lines[start : start + len(wanted)] == wanted), 0)


def add_links(app: Sphinx, doctree: nodes.document) -> None:
    """A line below each literalinclude of the package."""
    for block in list(doctree.findall(nodes.literal_block)):
        path = Path(block.get("source", "")).resolve()
        if path.suffix != ".py" or not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in PACKAGES:
            continue
        link = nodes.reference("", path.relative_to(ROOT).as_posix(), internal=True,
                               refuri=address(module_name(path), line_of(block.astext(), path)))
        line = nodes.paragraph("", "", nodes.Text("From "), link, classes=["from-source"])
        line.source, line.line = block.source, block.line
        block.parent.insert(block.parent.index(block) + 1, line)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

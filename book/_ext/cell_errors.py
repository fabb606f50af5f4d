"""A cell that raises ends the build; this says where it stands: file, line of the failing statement, and the error.

MyST-NB names the file alone. The notebook that it executed knows the line on which each cell begins.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING

from myst_nb.core.execute.base import NotebookClientBase
from myst_nb.core.execute.cache import NotebookClientCache
from sphinx.util import logging

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def failed_cell(notebook: NotebookNode) -> tuple[int, NotebookNode] | None:
    """Index and error of the cell that raised, or None."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                return index, output
    return None


def line_of(page: str, fence: int, error: NotebookNode) -> int:
    """The page's line of the statement that failed, in the cell whose fence stands on line `fence`."""
    options = 0
    for line in page.splitlines()[fence:]:
        if not line.startswith(":"):
            break
        options += 1
    where = re.search(r"Cell In\[\d+\], line (\d+)", COLOUR.sub("", "\n".join(error.traceback)))
    return fence + options + (int(where[1]) if where else 1)


def report(client: NotebookClientBase) -> None:
    """Say which cell of this notebook raised, if one did."""
    found = failed_cell(client.notebook)
    if found is None:
        return
    index, error = found
    line = line_of(client.path.read_text(encoding="utf-8"), client.cell_line(index) - 1, error)
    number = sum(cell.cell_type == "code" for cell in client.notebook.cells[: index + 1])
    logger.error("cell %d raised %s: %s", number, error.ename, error.evalue, location=f"{client.path}:{line}")


def setup(app: Sphinx) -> dict[str, bool]:
    original = NotebookClientCache.start_client

    @wraps(original)
    def start_client(self: NotebookClientCache) -> None:
        try:
            original(self)
        finally:
            report(self)

    NotebookClientCache.start_client = start_client
    return {"parallel_read_safe": True, "parallel_write_safe": True}

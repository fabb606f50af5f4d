"""No stale numbers, no build that turns green by itself.

Sphinx reads a page again only when its own text changed, and the cell cache runs it again only when a cell changed, but
the numbers come from the package: here a digest of all Python and data files decides both. And a page that warned once
is not read again either, so that a second run of a failing build would pass: after a warning the environment is thrown
away.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("zhenwu", "hdl", "book/_ext")
SUFFIXES = (".py", ".npz", ".csv", ".json")


def digest(root: Path = ROOT) -> str:
    """One digest of everything that a cell's result may depend on besides its own text."""
    total = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def book_digest(root: Path = ROOT) -> str:
    """One digest of everything that the book is made from: the above, its pages, their style, its version."""
    total = hashlib.sha256(digest(root).encode())
    made = {"node_modules", "__pycache__"}
    inside = [path for path in (root / "book").rglob("*") if path.is_file() and not made & set(path.parts)]
    for path in sorted([*inside, root / "pyproject.toml", root / "CITATION.cff"]):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def keep_cells(app: Sphinx, config: Config) -> None:
    """Executed cells are kept in a folder for this state of the package; those of other states are deleted."""
    caches = Path(app.outdir).parents[1] / "cells"
    now = caches / digest()[:16]
    for other in caches.glob("*"):
        if other != now:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(now)


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> set[str]:
    """All pages, if the package is not the one that they were executed with."""
    before, env.package_digest = getattr(env, "package_digest", None), digest()
    return set(env.found_docs) if before != env.package_digest else set()


def read_later(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that were read after they were written: `make pdf` and `make epub` share what was read with the site."""
    def older(name: str) -> bool:
        written = Path(app.builder.get_outfilename(name))
        return written.exists() and written.stat().st_mtime < Path(app.doctreedir, f"{name}.doctree").stat().st_mtime

    return [name for name in env.found_docs if older(name)] if app.builder.name == "html" else []


def forget(app: Sphinx, error: Exception | None) -> None:
    """Delete the environment after a warning or an error, so that the next build finds the same fault."""
    if error is not None or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", keep_cells, priority=100)  # before MyST-NB reads its configuration
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", read_later)
    app.connect("build-finished", forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

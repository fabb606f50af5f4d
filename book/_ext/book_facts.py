"""The line at the foot of every page: version of the book, and the day on which its facts were compiled."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhenwu.spec.sources import FACTS_AS_OF

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]


def project() -> dict[str, Any]:
    """What pyproject.toml says of the project: the one home of its version and of its description."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def version() -> str:
    return project()["version"]


def state_version(app: Sphinx, config: Config) -> None:
    """Sphinx knows the version too; a new one writes every page anew."""
    config.version = config.release = version()


def add_facts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """What the template book-facts.html prints."""
    context |= {"book_version": version(), "facts_as_of": FACTS_AS_OF}


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", state_version)
    app.connect("html-page-context", add_facts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

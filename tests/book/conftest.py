"""A small book of a page or two, built with some of our extensions: what it shows, and what it warns of."""

import io
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).resolve().parents[2] / "book" / "_ext"


@dataclass(frozen=True)
class Built:
    """The HTML of each page, or its catalogue of messages, and the warnings without their colours."""

    pages: dict[str, str]
    warnings: str


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Built]:
    """build({"index": "..."}, ["predict"]): pages in MyST Markdown; a second call builds in the same folder again."""
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    pytest.importorskip("myst_nb", reason="MyST-NB is not here: make book installs it")
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    source, target = tmp_path / "source", tmp_path / "html"
    source.mkdir()

    def build(pages: dict[str, str], extensions: Sequence[str], builder: str = "html", **config: object) -> Built:
        for name, text in pages.items():
            orphan = "" if name == "index" else "---\norphan: true\n---\n"
            (source / f"{name}.md").write_text(orphan + text, encoding="utf-8")
        warnings = io.StringIO()
        settings = {
            "extensions": ["myst_nb", *extensions],
            "nb_execution_mode": "off",
            "nitpicky": True,
            **config,
        }
        with patch_docutils(str(source)), docutils_namespace():
            app = Sphinx(
                source, None, target, tmp_path / "doctrees", builder, settings, status=io.StringIO(), warning=warnings
            )
            app.build()
        written = target.glob({"html": "*.html", "gettext": "*.pot", "epub": "*.xhtml"}[builder])
        made = {path.stem: path.read_text(encoding="utf-8") for path in written}
        return Built(made, re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()))

    return build

"""A page with the source of each module of `zhenwu` and `hdl`, light and with a link to every line.

They do not wear the book's frame, so that a change of its table of contents leaves them as they are: a page is written
again only when its module, this file, the facts at its foot or its place in the reference changed.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from book_facts import version
from package_source import FOLDER, ROOT, modules
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.errors import SphinxError

from zhenwu.spec.sources import FACTS_AS_OF

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OTHERS = (Path(__file__), ROOT / "pyproject.toml", ROOT / "zhenwu" / "spec" / "sources.py")  # the page and its foot
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{path} \N{EN DASH} source</title>
<script>
const kept = localStorage.getItem("theme"), dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.theme = kept && kept !== "auto" ? kept : dark ? "dark" : "light";
</script>
<link rel="stylesheet" href="../_static/pygments.css">
<link rel="stylesheet" href="../_static/site.css">
<link rel="icon" href="../_static/favicon.svg">
</head>
<body class="source-page">
<p class="skip-link"><a href="#source">Skip to the source</a></p>
<header><a href="../index.html">The book</a> <a href="../{api}">Reference</a></header>
<main id="source" tabindex="-1"><h1>{path}</h1>
{code}</main>
<footer><p class="book-facts">Version {version}, facts as of <time datetime="{as_of}">{as_of}</time>.
<a href="../about.html">Code Apache-2.0, text CC BY 4.0.</a> Not affiliated with Alibaba or T-Head.</p></footer>
</body>
</html>
"""


def page(module: str, path: Path, api: str) -> str:
    """The page of one module."""
    formatter = HtmlFormatter(linenos="inline", linespans="line", anchorlinenos=True, lineanchors="l")
    code = highlight(path.read_text(encoding="utf-8"), PythonLexer(), formatter)
    code = code.replace("<pre>", '<pre tabindex="0" role="region" aria-label="Source">', 1)
    code = code.replace('<a href="#l-', '<a tabindex="-1" href="#l-')  # hundreds of stops for the Tab key otherwise
    name = escape(path.relative_to(ROOT).as_posix())
    return PAGE.format(path=name, api=api, code=code, version=version(), as_of=FACTS_AS_OF)


def outdated(target: Path, module: Path, api: str) -> bool:
    """Whether a page is not there, older than what it shows, or leads to another place of the reference."""
    if not target.exists():
        return True
    newest = max(each.stat().st_mtime for each in (module, *OTHERS))
    return target.stat().st_mtime < newest or f'href="../{api}"' not in target.read_text(encoding="utf-8")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the pages that are not there or no longer as they should be."""
    if error is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    documented = app.env.get_domain("py").modules
    for module, path in modules().items():
        if module not in documented:
            raise SphinxError(f"module {module} is on no page of the reference: expected it below an api directive")
        target = folder / f"{module}.html"
        entry = documented[module]
        api = f"{app.builder.get_target_uri(entry.docname)}#{entry.node_id}"
        if outdated(target, path, api):
            target.write_text(page(module, path, api), encoding="utf-8")
    for target in folder.glob("*.html"):
        if target.stem not in modules():
            target.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

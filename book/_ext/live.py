"""Live cells: a block's source in the page, editable, played to the block in the reader's browser.

How to add one. The block needs a stimulus in `zhenwu/cosim/live.py`. In a page:

    ```{live} mx_dot
    :source: hdl/numerics/mx_dot.py
    :show: a b dot
    ```

`mx_dot` names the cell, once on its page; `show` names the pins to draw, all without it; `vectors` names the stimulus,
without it that of the file's stem. An exercise plants a bug, or takes lines out for the reader to write. Its body holds
pieces, each some lines that begin with `- ` and stand exactly once in the source, then what replaces them, with `+ `:

    ```{live} mx_dot_bug
    :source: hdl/numerics/mx_dot.py
    :exercise: find the bug

    - for piece in range(PIECES):
    + for piece in range(PIECES - 1):
    ```

With `:exercise: change it` and no body the reader changes the source into what other `vectors` ask for.

    ```{commands} two_rows

    0  ACT bg=0 ba=0 row=5
    31 RD  bg=0 ba=0
    ```

A list of DRAM commands, as `zhenwu/cycle/hbm/command_list.py` reads it, which the timing checker judges; as the page
has it, it breaks no rule. Such a cell has no vectors, and says so by an empty `data-vectors`.

The build plays every cell itself and shows what came out, so that the page is complete without script. It stops where a
cell without exercise is not right, or an exercise is. In the browser the section has `data-state` idle, loading,
running, done, failed (no verdict: a syntax error, an exception, no Python) or stopped, and after a run with a verdict
`data-verdict` right or wrong; `data-recorded` is what the build found.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import directives
from live_site import PYODIDE, fill
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from hdl.bench.attempt import attempt
from hdl.bench.played import report
from zhenwu.cosim.hbm.judged_commands import judged
from zhenwu.cosim.live import live

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
EXERCISES = {
    "find the bug": "One thing in this source is wrong. Find it, mend it, and run again.",
    "write it": "Some lines are missing. Write them, and run.",
    "change it": "Change it into what is asked, and run.",
}
CHECKER = "zhenwu/cycle/hbm/timing_checker.py"
LABELS = {True: "The source, yours to change.", False: "The commands, yours to change."}  # with vectors, without
MOST_ROWS = 26
MISSING = (
    "This site was built without Pyodide, the Python for browsers, so that the cell does not run here. With npm "
    "installed, make book fetches it; what you see below was recorded by the build."
)

RECORDED = "This cell runs in the online book. Below is what the build recorded of it, unchanged:"


class BadCell(ValueError):
    """A cell that cannot be shown; the sentence says what was expected."""


class live_cell(nodes.General, nodes.Element):
    """One cell: `name`, `file`, `vectors`, `show`, `exercise`, `source` as shown, and the build's `report` of it.

    The `first` of a page brings script and style.
    """


def pieces(lines: list[str]) -> list[tuple[str, str]]:
    """(old, new) of each piece in a directive's body."""
    found: list[tuple[list[str], list[str]]] = []
    for line in lines:
        mark, text = line[:1], line[2:]
        if not line.strip():
            continue
        if mark not in "-+" or line[1:2] not in ("", " ") or mark == "+" and not found:
            raise BadCell(f'"{line}": expected "- " before lines of the source, then "+ " before what replaces them')
        if mark == "-" and (not found or found[-1][1]):
            found.append(([], []))
        found[-1]["-+".index(mark)].append(text)
    return [("\n".join(old), "\n".join(new)) for old, new in found]


def changed(source: str, exchanged: list[tuple[str, str]], file: str) -> str:
    """The source with each old piece, which stands there exactly once, replaced by its new one."""
    for old, new in exchanged:
        if source.count(old) != 1:
            raise BadCell(f'"{old}" stands {source.count(old)} times in {file}: expected once')
        source = source.replace(old, new)
    return source


def cell(name: str, options: dict[str, str], body: list[str]) -> live_cell:
    """The node of a cell, played once; BadCell if it would mislead a reader."""
    file, exercise = options.get("source", ""), options.get("exercise", "")
    path = ROOT / file
    if not file.startswith("hdl/") or not path.is_file():
        raise BadCell(f'source "{file}": expected a file of hdl, such as hdl/numerics/mx_dot.py')
    if exercise and exercise not in EXERCISES:
        raise BadCell(f'exercise "{exercise}": expected {" or ".join(EXERCISES)}')
    exchanged = pieces(body)
    if bool(exchanged) != (exercise in ("find the bug", "write it")):
        raise BadCell("expected a body in an exercise of the kinds find the bug and write it, and nowhere else")
    vectors, show = options.get("vectors", path.stem), options.get("show", "").split()
    stimulus = live(vectors)
    source = changed(path.read_text(encoding="utf-8"), exchanged, file)
    record = attempt(stimulus, source)
    shown = report(record, show)
    if shown["outcome"] != ("wrong" if exercise else "right"):
        found = record["error"]["message"] if record["error"] else shown["verdict"]
        wanted = "a wrong" if exercise else "the right"
        raise BadCell(f"expected {wanted} answer by the vectors {vectors}, got: {found}")
    return live_cell(
        name=name, file=file, vectors=vectors, show=show, exercise=exercise, source=source, report=shown
    )


def command_cell(name: str, options: dict[str, str], body: list[str]) -> live_cell:
    """The node of a list of commands, judged once; BadCell if it is none, or breaks a rule."""
    source = "\n".join(body).strip("\n") + "\n"
    shown = judged(source)
    if shown["outcome"] != "right":
        raise BadCell(f"expected a list that breaks no rule, got: {shown['verdict']}")
    return live_cell(name=name, file=CHECKER, vectors="", show=[], exercise="", source=source, report=shown)


class Live(SphinxDirective):
    """The directive; its form is at the top of this file."""

    required_arguments = 1
    has_content = True
    option_spec = {name: directives.unchanged_required for name in ("source", "show", "vectors", "exercise")}
    make = staticmethod(cell)

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if self.env.temp_data.setdefault("live_cells", {}).setdefault(name, self.lineno) != self.lineno:
            logger.warning("live %s: there is a cell of that name on this page", name, location=self.get_location())
            return []
        try:
            made = self.make(name, self.options, list(self.content))
        except (BadCell, ValueError) as error:
            logger.warning("live %s: %s", name, error, location=self.get_location())
            return []
        made["first"] = len(self.env.temp_data["live_cells"]) == 1
        self.env.note_dependency(str(ROOT / made["file"]))
        self.set_source_info(made)
        return [made]


class Commands(Live):
    """The directive of a list of commands, with the same cell round it."""

    option_spec = {}
    make = staticmethod(command_cell)


def markup(made: live_cell, root: str) -> str:
    """The section; `root` leads from the page to the site's root."""
    name, shown, identity = made["name"], made["report"], f"live-{made['name']}"
    block = Path(made["file"]).stem
    assets = f'<link rel="stylesheet" href="{root}live/live.css"><script defer src="{root}live/live.js"></script>'
    heading = f'<strong>Live: {block}</strong> <code>{made["file"]}</code>'
    lead = f'<p class="live-lead">{EXERCISES[made["exercise"]]}</p>' if made["exercise"] else ""
    missing = "" if PYODIDE.is_dir() else f'<p class="live-missing">{MISSING}</p>'
    rows = min(MOST_ROWS, made["source"].count("\n") + 1)
    buttons = "".join(
        f'<button type="button" class="live-{word.lower()}" hidden>{word}</button>' for word in ("Run", "Stop", "Reset")
    )
    scrolled = '<div class="wide" tabindex="0" role="region" aria-label="{}">'.format
    return f"""<section class="live" id="{identity}" data-live="{name}" data-state="idle"
 data-vectors="{made["vectors"]}" data-show="{escape(json.dumps(made["show"]))}" data-recorded="{shown["outcome"]}"
 aria-labelledby="{identity}-title">{assets if made["first"] else ""}
<p class="live-title" id="{identity}-title">{heading}</p>{lead}{missing}
<label for="{identity}-source">{LABELS[bool(made["vectors"])]} Tab leaves the field.</label>
<textarea id="{identity}-source" rows="{rows}" wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off">
{escape(made["source"], quote=False)}</textarea>
<p class="live-controls">{buttons}<progress max="3" value="0" aria-label="Progress of {block}" hidden></progress></p>
<noscript><p>To change and run it here, allow script.</p></noscript>
<p class="live-status" role="status"></p>
<div class="live-result"><p class="live-origin">Recorded when this page was built:</p>
<p class="live-verdict">{shown["verdict"]}</p>
{scrolled(f"Waveform of {block}")}<div class="live-wave">{shown["wave"]}</div></div>
<div class="live-summary">{shown["summary"]}</div>
{scrolled(f"Values of {block}")}<table class="live-values side-by-side numbers">{shown["table"]}</table></div>
<div class="live-output">{shown["output"]}</div></div></section>
"""


def in_a_copy(made: live_cell, code: str) -> str:
    """The section where nothing runs: what the build recorded; `code` is the source, with its colours."""
    name, shown = made["name"], made["report"]
    lead = f'<p class="live-lead">{EXERCISES[made["exercise"]]}</p>' if made["exercise"] else ""
    values = f'<table class="live-values side-by-side numbers">{shown["table"]}</table>'
    return f"""<section class="live" id="live-{name}">
<p class="live-title"><strong>Live: {Path(made["file"]).stem}</strong> <code>{made["file"]}</code></p>{lead}{code}
<div class="live-result"><p class="live-recorded">{RECORDED}</p><p class="live-verdict">{shown["verdict"]}</p>
<div class="live-wave">{shown["wave"]}</div><div class="live-summary">{shown["summary"]}</div>{values}
<div class="live-output">{shown["output"]}</div></div></section>
"""


def visit_html(translator: HTML5Translator, node: live_cell) -> None:
    """The whole cell in the site; what was recorded in a copy."""
    if translator.builder.name == "epub":
        translator.body.append(in_a_copy(node, translator.highlighter.highlight_block(
            node["source"], "python" if node["vectors"] else "text"
        )))
    else:
        depth = translator.builder.get_target_uri(translator.builder.current_docname).count("/")
        translator.body.append(markup(node, "../" * depth))
    raise nodes.SkipNode


def skip(translator: nodes.NodeVisitor, node: live_cell) -> None:
    raise nodes.SkipNode


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> set[str]:
    """Every page, where Pyodide has come or gone since the last build: the pages say so."""
    before, env.live_runtime = getattr(env, "live_runtime", None), PYODIDE.is_dir()
    return set(env.found_docs) if before not in (None, env.live_runtime) else set()


def finish(app: Sphinx, error: Exception | None) -> None:
    """What the cells load on a click, beside the pages."""
    if error is None and app.builder.format == "html" and app.builder.name != "epub":
        fill(Path(app.outdir) / "live")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(live_cell, html=(visit_html, None), latex=(skip, None), text=(skip, None))
    app.add_directive("live", Live)
    app.add_directive("commands", Commands)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The landing page's directives: question, to choose, predict and see; every-choice, the same as plain tables.

    ```{question}
    ```

Closed arithmetic comes from `zhenwu/perf/capacity.py`; the rest is read from the results file, by default the
package's own, otherwise the one that the setting `results_file` names. A file that breaks its schema is a warning with
file and key, and ends the build.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from zhenwu.chapter.session_question import every_choice, question
from zhenwu.spec.results import ResultsError, load

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
FIRST_CHOICE = "In the online book you choose, predict, then see. Here stands the answer to the first choice:"


class landing(nodes.General, nodes.Element):
    """HTML for a page, and what of it a book without script keeps."""


class FromResults(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        path = self.config.results_file and Path(self.env.srcdir, self.config.results_file)
        if path:
            self.env.note_dependency(str(path))
        try:
            results = load(path or None)
        except (ResultsError, OSError) as error:
            logger.warning("%s: %s", self.name, error, location=self.get_location())
            return []
        if self.name == "question":
            page, plain = question(results)
        else:
            page = plain = every_choice(results)
        node = landing(page=page, plain=plain, asked=self.name == "question")
        self.set_source_info(node)
        return [node]


def visit(translator: HTML5Translator, node: landing) -> None:
    if translator.builder.name != "epub":
        translator.body.append(node["page"])
    else:
        note = f'<p class="copies-note">{FIRST_CHOICE}</p>' if node["asked"] else ""
        translator.body.append(note + node["plain"])
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("results_file", "", "env")
    app.add_node(landing, html=(visit, None))
    app.add_directive("question", FromResults)
    app.add_directive("every-choice", FromResults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The directive predict: what the reader expects, before they see it.

    ```{predict} took
    :unit: CK
    How long does it take?
    ```

asks for a number, or with `:choices: compute | HBM | latency` for one of these. What is typed stays in the reader's
browser. Where a cell of the page keeps a number of the same name, the prediction stands beside it: you said, it is, and
the factor between them. A prediction whose result the page never shows is a warning, and ends the build.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import directives
from number_role import kept_on
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from zhenwu.chapter.questions import field

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
BLANK = "\N{NO-BREAK SPACE}" * 12  # where a copy leaves room for a pen


class prediction(nodes.General, nodes.Element):
    """A form; its children are the question."""


class revealed(nodes.General, nodes.Element):
    """The place beside a result where a prediction is shown again."""


def choices(argument: str) -> list[str]:
    """compute | HBM | latency"""
    found = [choice.strip() for choice in directives.unchanged_required(argument).split("|")]
    if len(found) < 2 or not all(found):
        raise ValueError(f'"{argument}": expected two choices or more, with | between')
    return found


class Predict(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"unit": directives.unchanged, "choices": choices}

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        (name,) = self.arguments
        form = prediction(name=name, unit=self.options.get("unit", ""), choices=self.options.get("choices", []))
        self.set_source_info(form)
        form += nodes.paragraph("", "", nodes.strong("", "Predict."), classes=["title"])
        self.state.nested_parse(self.content, self.content_offset, form)
        return [form]


def visit_prediction(translator: HTML5Translator, node: prediction) -> None:
    if translator.builder.name == "epub":
        translator.body.append('<div class="predict">')
        return
    name = escape(node["name"])
    translator.body.append(
        f'<form class="predict" data-name="{name}" data-unit="{escape(node["unit"])}" onsubmit="return false">'
        f'<div id="predict-{name}-question">'
    )


def depart_prediction(translator: HTML5Translator, node: prediction) -> None:
    if translator.builder.name == "epub":
        blank = escape(" / ".join(node["choices"])) or f'<span class="blank">{BLANK}</span> {escape(node["unit"])}'
        translator.body.append(f"<p>On paper: {blank}</p></div>")
        return
    name = escape(node["name"])
    label = f' aria-labelledby="predict-{name}-question" id='
    box = field(f"predict-{name}", node["choices"]).replace(" id=", label, 1)
    translator.body.append(
        f'</div><p>{box} {escape(node["unit"])} <button type="submit">Keep it</button> '
        f'<output for="predict-{name}"></output></p></form>'
    )


def visit_revealed(translator: HTML5Translator, node: revealed) -> None:
    value, result = escape(str(node["value"])), escape(node["result"])
    if translator.builder.name == "epub":
        translator.body.append(f'<p class="revealed">You predicted this above. <strong>It is {result}.</strong></p>')
        raise nodes.SkipNode
    translator.body.append(
        f'<p class="revealed" data-name="{escape(node["name"])}" data-value="{value}" data-result="{result}">'
        f'<span class="said">You made no prediction here.</span> <strong>It is {result}.</strong></p>'
    )
    raise nodes.SkipNode


def reveal(app: Sphinx, doctree: nodes.document) -> None:
    """Beside each number that was predicted, make the place for the prediction."""
    asked = {node["name"]: node for node in doctree.findall(prediction)}
    for line, number in list(kept_on(doctree)):
        if asked.pop(number["name"], None) is not None:
            bundle = line.parent if line.parent.get("nb_element") == "mime_bundle" else line
            result = f"{number['text']} {number['unit']}".rstrip()
            place = revealed(name=number["name"], value=number["value"], result=result)
            bundle.parent.insert(bundle.parent.index(bundle) + 1, place)
    for name, form in asked.items():
        logger.warning("prediction %s: no cell of this page keeps a result of that name", name, location=form)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(prediction, html=(visit_prediction, depart_prediction))
    app.add_node(revealed, html=(visit_revealed, None))
    app.add_directive("predict", Predict)
    app.connect("doctree-read", reveal)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

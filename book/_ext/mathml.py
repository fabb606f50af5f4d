"""Formulas as MathML, made at build time: browsers draw it themselves, so that a page loads no MathJax."""

from html import escape
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


# The converter lets some mistakes through: it leaves an argument out, or an unknown command as it stands.
ARGUMENTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


def mathml(node: nodes.Node, display: str) -> str:
    """The formula of a node; one that cannot be converted is a warning, which ends the build."""
    latex = node.astext()
    try:
        markup = convert(latex, display=display)
        fault = mistake(markup)
    except Exception as error:  # the converter raises many types of its own
        markup, fault = "", f"{type(error).__name__} {error}"
    if fault:
        logger.warning("formula %s: %s", latex, fault, location=node)
        return f"<code>{escape(latex)}</code>"
    return markup


def mistake(markup: str) -> str:
    """What is wrong with the MathML of a formula, or nothing."""
    for element in ElementTree.fromstring(markup).iter():
        tag = element.tag.rpartition("}")[2]
        if len(element) != ARGUMENTS.get(tag, len(element)):
            return f"{tag} lacks an argument"
        if "\\" in (element.text or ""):
            return f"unknown command {element.text}"
    return ""


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(mathml(node, "inline"))
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    anchor = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<div class="formula wide"{anchor} tabindex="0" role="region" aria-label="Formula">')
    translator.body.append(mathml(node, "block") + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

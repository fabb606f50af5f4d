"""HTML of a page as a copy can show it: XHTML, nothing to press or to fill in, no link that leaves the copy's pages.

Cells and directives write HTML for a browser with script. Here it is read as a browser reads it (html5lib), and what a
copy has no use for is taken out; then it is written as XML, which EPUB asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.dom.minidom import Element, Node

import html5lib
from predict import BLANK
from waveform_rows import in_rows

DROPPED = {"script", "link", "button", "output", "textarea", "noscript", "progress", "template"}
FOREIGN = {"svg": "http://www.w3.org/2000/svg", "math": "http://www.w3.org/1998/Math/MathML"}
XLINK = "http://www.w3.org/1999/xlink"
PLAIN = {"form": "div", "fieldset": "div", "legend": "p", "label": "span"}  # what remains of a form is text
CODE = "The code of this cell"
USELESS = re.compile(r"data-|on|aria-(?!label$|hidden$|current$)|(tabindex|for|contenteditable|novalidate|inputmode)$")
COLOUR = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(?:[^{}]*\{[^{}]*\})*\s*\}")  # a copy is light


def static(body: str, inside: set[str]) -> str:
    """The body of a page, well-formed; `inside` has the files of the copy's pages, such as values.xhtml."""
    tree = html5lib.parseFragment(body, container="div", treebuilder="dom")
    for element in list(elements(tree)):
        mend(element, inside)
    for drawing in [element for element in elements(tree) if element.tagName == "svg"]:
        in_rows(drawing)
    return "".join(child.toxml() for child in tree.childNodes)


def elements(node: Node) -> Iterable[Element]:
    """All elements below a node, outer ones first."""
    for child in node.childNodes:
        if child.nodeType == Node.ELEMENT_NODE:
            yield child
            yield from elements(child)


def mend(element: Element, inside: set[str]) -> None:
    """Make one element fit for a copy, or take it out."""
    name = element.tagName
    if name in DROPPED or element.hasAttribute("hidden") or "headerlink" in element.getAttribute("class").split():
        remove(element)
    elif name == "input":
        element.tagName = element.nodeName = "span"
        clear(element)
        element.setAttribute("class", "blank")
        element.appendChild(element.ownerDocument.createTextNode(BLANK))
    elif name == "select":  # its first line only says "choose"
        choices = [text(option) for option in element.getElementsByTagName("option")[1:]]
        element.tagName = element.nodeName = "span"
        clear(element)
        fill(element, " / ".join(choices))
    elif name == "summary":
        fill(element, CODE if element.getElementsByTagName("p") else text(element))
        clear(element)
    elif name in PLAIN:
        element.tagName = element.nodeName = PLAIN[name]
    if name == "a" and element.hasAttribute("href"):
        lead(element, inside)
    tidy(element)


def lead(link: Element, inside: set[str]) -> None:
    """A link to another page of the copy, or to the world; any other is text."""
    path, mark, fragment = link.getAttribute("href").partition("#")
    if not path or re.match(r"(https?|mailto):", path):
        return
    path = re.sub(r"\.html$", ".xhtml", path)
    if path in inside:
        link.setAttribute("href", path + mark + fragment)
    else:
        link.tagName = link.nodeName = "span"
        for name in ("href", "title"):
            if link.hasAttribute(name):
                link.removeAttribute(name)


def tidy(element: Element) -> None:
    """No attribute for scripts and keys; a colour as it is, since few readers of EPUB know variables."""
    for name, value in list(element.attributes.items()):
        if USELESS.match(name):
            element.removeAttribute(name)
        elif "var(" in value:
            element.setAttribute(name, COLOUR.sub(r"\1", value))
    if element.getAttribute("role") == "region":  # a box that scrolled
        for name in ("role", "aria-label"):
            if element.hasAttribute(name):
                element.removeAttribute(name)
    if element.tagName in FOREIGN:
        element.setAttribute("xmlns", FOREIGN[element.tagName])
        if any(part.hasAttribute("xlink:href") for part in elements(element)):
            element.setAttribute("xmlns:xlink", XLINK)
    if element.tagName == "style":
        fill(element, DARK.sub("", COLOUR.sub(r"\1", text(element))))


def text(element: Element) -> str:
    return "".join(text(child) if child.nodeType == Node.ELEMENT_NODE else child.data for child in element.childNodes)


def fill(element: Element, words: str) -> None:
    """These words in the place of what the element holds."""
    for child in list(element.childNodes):
        element.removeChild(child)
    element.appendChild(element.ownerDocument.createTextNode(words))


def clear(element: Element) -> None:
    for name in list(element.attributes.keys()):
        element.removeAttribute(name)


def remove(element: Element) -> None:
    if element.parentNode is not None:
        element.parentNode.removeChild(element)

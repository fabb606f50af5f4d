"""A page in MyST Markdown as a notebook that reads well and runs alone: what only Sphinx knows becomes text and links.

Cells stay as they are. A number becomes what the built book shows, a term a link to a list at the end, quoted source is
copied in, a live cell becomes a cell of `%%live`, a solution folds. What the text names is looked up in a
`notebook_names.Book`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from textwrap import indent
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import default_slugify
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode, v4

if TYPE_CHECKING:
    from notebook_names import Book, Term

SYNTAX = MdParserConfig(enable_extensions={"colon_fence", "deflist", "dollarmath"}, disable_syntax=["inline"])
INLINE = re.compile(
    r"\\[^\w\s]"  # an escaped sign
    r"|(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"  # code
    r"|\$[^$]*\$"
    r"|\{(?P<role>[\w:-]+)\}`(?P<content>[^`]+)`"
    r"|(?P<image>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]*)\)",
    re.S,
)
TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>.*)>", re.S)
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
IMPORT = "from zhenwu.chapter import *"
WANTED = "expected one that book/_ext/notebook_cells.py knows how to put into a notebook"
DIRECTIVE = SimpleNamespace(  # of any option, and of one argument
    option_spec={"": str}, required_arguments=0, optional_arguments=1, final_argument_whitespace=True, has_content=True
)


def heading_anchor(text: str) -> str:
    """The address of a heading in its notebook, as Jupyter makes it."""
    return "#" + quote(text.replace(" ", "-"), safe=":,")


def notebook(page: str, book: Book, note: str, warn: Callable[[int, str], None]) -> NotebookNode:
    """The notebook of a page, without outputs; `note` stands below its title.

    What a notebook cannot show is said to `warn`, with the line, and left out.
    """
    return v4.new_notebook(cells=Conversion(page, book, note, warn).converted(), metadata={
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    })


@dataclass
class Conversion:
    """The conversion of one page, block by block."""

    page: str
    book: Book
    note: str
    warn: Callable[[int, str], None]
    cells: list[NotebookNode] = field(default_factory=list)
    text: str = ""  # what goes into the next cell of text
    solving: bool = False
    terms: set[Term] = field(default_factory=set)

    def converted(self) -> list[NotebookNode]:
        lines = self.page.splitlines(keepends=True)
        tokens = create_md_parser(replace(SYNTAX), RendererHTML).parse(self.page)
        self.anchors = anchors(tokens)
        done = 0
        for token in tokens:
            if token.map and token.map[0] >= done and (block := self.block_of(token)):
                begin, end = token.map
                self.text += self.inline("".join(lines[done:begin]), done + 1)
                block(token, begin + 1, "".join(lines[begin:end]))
                done = end
        self.text += self.inline("".join(lines[done:]), done + 1)
        self.flush()
        if self.terms:
            listed = sorted(self.terms, key=lambda term: term.name.lower())
            self.text = "## Terms\n\n" + "\n".join(
                f"- **{term.name}**{f' ({term.chinese})' if term.chinese else ''}: {term.meaning}" for term in listed
            )
            self.flush()
        return self.with_import()

    def with_import(self) -> list[NotebookNode]:
        """The cells in order; an import where one of ours stands before any of the page's own."""
        for cell in self.cells:
            if cell.cell_type == "code" and "zhenwu.chapter import" in cell.source:
                break
            if cell.cell_type == "code" and cell.source.startswith(("%%live", "predict(")):
                self.cells.insert(1, v4.new_code_cell(IMPORT))
                break
        for number, cell in enumerate(self.cells):
            cell["id"] = f"cell-{number}"
        return self.cells

    def block_of(self, token: Token) -> Callable[[Token, int, str], None] | None:
        """What converts a block that is more than text with roles; None for text."""
        if token.type in ("fence", "colon_fence"):
            return self.directive if token.info.startswith("{") else self.verbatim
        if token.type == "heading_open" and token.tag == "h1":
            return self.title
        return {
            "front_matter": self.nothing, "myst_target": self.nothing, "myst_line_comment": self.nothing,
            "myst_block_break": self.nothing, "code_block": self.verbatim, "math_block": self.verbatim,
            "dl_open": self.refused,
        }.get(token.type)

    def nothing(self, token: Token, line: int, source: str) -> None:
        pass

    def verbatim(self, token: Token, line: int, source: str) -> None:
        self.text += source

    def refused(self, token: Token, line: int, source: str) -> None:
        self.warn(line, "a definition list: expected what a notebook can show, such as a list with dashes")

    def title(self, token: Token, line: int, source: str) -> None:
        self.text += self.inline(source, line) + self.note
        self.flush()

    def flush(self) -> None:
        """End the cell of text, if there is any."""
        text, self.text = self.text.strip(), ""
        if text:
            fold = f"<details><summary>Solution</summary>\n\n{text}\n\n</details>"
            self.cells.append(v4.new_markdown_cell(fold if self.solving else text))

    def code(self, source: str, folded: bool = False) -> None:
        self.flush()
        metadata = {"jupyter": {"source_hidden": True}} if folded or self.solving else {}
        self.cells.append(v4.new_code_cell(source, metadata=metadata))

    def directive(self, token: Token, line: int, source: str) -> None:
        name, _, argument = token.info.strip().removeprefix("{").partition("}")
        convert = getattr(self, "directive_" + name.replace("-", "_"), None)
        if convert is None:
            self.warn(line, f"directive {name}: {WANTED}")
            return
        parsed = parse_directive_text(DIRECTIVE, "", token.content, validate_options=False)
        before = self.text
        convert(argument.strip(), parsed.options, "\n".join(parsed.body).strip("\n"), line)
        if token.level and self.text.startswith(before):  # as far in as the list that it belongs to
            self.text = before + indent(self.text[len(before) :], re.match(" *", source)[0])

    def directive_code_cell(self, argument: str, options: dict, body: str, line: int) -> None:
        tags = set(options.get("tags", ()))
        if "page-only" not in tags:
            self.code(body, folded=bool(tags & FOLDED) and "notebook-only" not in tags)

    def directive_predict(self, argument: str, options: dict, body: str, line: int) -> None:
        if "choices" in options:
            asked = "one of " + ", ".join(f'`"{choice.strip()}"`' for choice in options["choices"].split("|"))
        else:
            asked = f"a number, in {options['unit']}" if options.get("unit") else "a number"
        self.text += f"**Predict** {asked}. {self.inline(body, line)}\n"
        self.code(f'predict("{argument}", None)  # your guess instead of None')

    def directive_live(self, argument: str, options: dict, body: str, line: int) -> None:
        cell = self.book.live(argument)
        if cell is None:
            return
        self.text += f"**Live:** `{cell.file}`. {cell.task}\n"
        self.code(" ".join(["%%live", argument, cell.file, cell.vectors, *cell.show]) + "\n" + cell.source.rstrip())

    def directive_commands(self, argument: str, options: dict, body: str, line: int) -> None:
        self.text += "**Live:** a list of commands, yours to change.\n"
        self.code(f'from zhenwu.chapter.command_lists import commands\n\ncommands("""\n{body}\n""")')

    def directive_ladder(self, argument: str, options: dict, body: str, line: int) -> None:
        self.text += self.inline(self.book.ladder(), line)

    def directive_literalinclude(self, argument: str, options: dict, body: str, line: int) -> None:
        given = {name: str(value) for name, value in options.items() if value is not None}
        shown = self.book.quoted(argument, given).rstrip("\n")
        self.text += f"```{given.get('language', 'python')}\n{shown}\n```\n\nFrom `{argument.removeprefix('../')}`\n"

    def directive_math(self, argument: str, options: dict, body: str, line: int) -> None:
        self.text += f"$$\n{body}\n$$\n"

    def directive_exercise_start(self, argument: str, options: dict, body: str, line: int) -> None:
        self.text += f"### Exercise: {argument}\n"

    def directive_exercise_end(self, argument: str, options: dict, body: str, line: int) -> None:
        pass

    def directive_solution_start(self, argument: str, options: dict, body: str, line: int) -> None:
        self.flush()
        self.solving = True

    def directive_solution_end(self, argument: str, options: dict, body: str, line: int) -> None:
        self.flush()
        self.solving = False

    def inline(self, text: str, line: int) -> str:
        """Text of which the roles and links are converted; its first line is `line` of the page."""

        def converted(found: re.Match) -> str:
            here = line + text.count("\n", 0, found.start())
            if found["role"]:
                return self.role(found["role"], found["content"], here)
            if found["image"]:
                self.warn(here, f"image {found['target']}: expected a figure that a cell draws")
                return found["text"]
            if found["target"] is not None:
                return self.link(self.inline(found["text"], here), found["target"])
            return found[0]

        return INLINE.sub(converted, text)

    def role(self, name: str, content: str, line: int) -> str:
        titled = TITLED.fullmatch(content)
        title, target = (titled["title"], titled["target"]) if titled else ("", content)
        title, target = " ".join(title.split()), " ".join(target.split())
        if name in ("number", "value"):
            quantity, kind = self.book.number(content) or (f"`{content}`", "")
            return f"{quantity} [{kind}]" if kind and name == "number" else quantity
        if name == "term":
            if term := self.book.term(target):
                self.terms.add(term)
            return f"[{title or target}](#Terms)" if term else title or target
        if name == "source":
            found, address = self.book.source(target) or (target, "")
            return f"[{title or found}]({address})" if address else title or found
        if name == "ref":
            if target in self.anchors:
                return f"[{title or self.anchors[target]}]({heading_anchor(self.anchors[target])})"
            page, found = self.book.label(target) or ("", target)
            return self.link(title or found, f"{page}.md") if page else title or found
        if name == "doc":
            return self.link(title, f"{target.removeprefix('/')}.md")
        if name == "math":
            return f"${content}$"
        self.warn(line, f"role {name}: {WANTED}")
        return title or target

    def link(self, text: str, target: str) -> str:
        """A link to elsewhere stays, one to a notebook or within this one fits; of other pages there is the title."""
        if re.match(r"\w+:", target):
            return f"[{text}]({target})"
        path, _, anchor = target.partition("#")
        if not path:
            heading = self.anchors.get(anchor)
            return f"[{text or heading}]({heading_anchor(heading)})" if heading else text
        found = self.book.page(path.removesuffix(".md"))
        if found is None:
            return text
        title, file = found
        if file:
            return f"[{text or title}]({file})"
        same = text.casefold() in ("", title.casefold())
        return f"{text or title} (a page of the book)" if same else f'{text} (the book\'s page "{title}")'


def anchors(tokens: list[Token]) -> dict[str, str]:
    """The headings of a page, as they stand in its notebook, by what may name them: slug, label above, exercise."""
    found, waiting = {}, []
    for place, token in enumerate(tokens):
        if token.type == "myst_target":
            waiting.append(token.content)
        elif token.type == "heading_open":
            text = re.sub("[*`]", "", tokens[place + 1].content)
            found |= dict.fromkeys([default_slugify(text), *waiting], text)
            waiting = []
        elif token.type == "fence" and token.info.startswith("{exercise-start}"):
            label = re.search(r"^:label:\s*(\S+)", token.content, re.M)
            if label:
                found[label[1]] = "Exercise: " + token.info.partition("}")[2].strip()
    return found

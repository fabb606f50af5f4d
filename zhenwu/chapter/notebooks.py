"""Chapters as notebooks: `python -m zhenwu.chapter.notebooks book build/lab`, which `make lab` does.

A page's cells stay as they are. What Jupyter does not know is put into what it does: a quoted number becomes its
name, which a cell above prints; quoted source is copied in; a solution folds. A notebook that is there already is
the reader's work and stays.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FENCE = re.compile(r"^(`{3,})\{([\w-]+)\}[ \t]*([^\n]*)\n((?::[^\n]*\n)*)(.*?)^\1$\n?", re.M | re.S)
ROLE = re.compile(r"\{(number|value|term|ref)\}`([^`<]*?)(?:\s*<[^`]*>)?`")
PAGE_ONLY = ("contents", "every-choice", "exercise-end", "ladder", "question")  # what a notebook leaves out
QUOTED = ("number", "value")
HIDDEN = ("hide-input", "remove-input")


def notebook(page: str, folder: Path) -> dict:
    """The notebook of a page in MyST Markdown, as nbformat 4.5; `folder` is where its quoted files are found from."""
    page = re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.S)
    cells = []
    for number, (kind, source, hidden) in enumerate(_cells(page, folder)):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source.splitlines(keepends=True)}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
            cell["metadata"] = {"jupyter": {"source_hidden": True}} if hidden else {}
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cells(page: str, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Each cell's type, text, and whether its code is folded at first."""
    text, position, solving = "", 0, False

    def written() -> Iterator[tuple[str, str, bool]]:
        plain = ROLE.sub(lambda role: f"`{role[2]}`" if role[1] in QUOTED else role[2], text).strip()
        if plain:
            fold = f"<details><summary>Solution</summary>\n\n{plain}\n\n</details>"
            yield "markdown", fold if solving else plain, False

    for fence in FENCE.finditer(page):
        text += page[position : fence.start()]
        position = fence.end()
        name, title, options, body = fence[2], fence[3], fence[4], fence[5].strip("\n")
        if name == "code-cell":
            yield from written()
            text = ""
            yield "code", body, solving or any(tag in options for tag in HIDDEN)
        elif name in ("solution-start", "solution-end"):
            yield from written()
            text, solving = "", name == "solution-start"
        elif name == "literalinclude":
            text += f"```python\n{_quoted(folder / title, options)}\n```\n"
        elif name == "exercise-start":
            text += f"### Exercise: {title}\n"
        elif name == "predict":
            text += f"**Predict** {_asked(options)}. {body}\n"
            yield from written()
            text = ""
            yield "code", f'predict("{title}", None)  # your guess instead of None', False
        elif name == "live":
            source = re.search(r":source: (\S+)", options)[1]
            text += f"*Live in the book's page, to run and to change: `{source}`.*\n"
        elif name == "math":
            text += f"$$\n{body}\n$$\n"
        elif name == "glossary":
            text += body + "\n"
        elif name not in PAGE_ONLY:
            raise ValueError(f"directive {name}: expected one that a notebook can show")
    text += page[position:]
    yield from written()


def _asked(options: str) -> str:
    """What a prediction's options ask for."""
    given = dict(re.findall(r":(unit|choices): (.*)", options))
    if "choices" in given:
        return "one of " + ", ".join(f'"{choice.strip()}"' for choice in given["choices"].split("|"))
    return f"a number, in {given['unit']}" if given.get("unit") else "a number"


def _quoted(path: Path, options: str) -> str:
    """The lines that a literalinclude's options choose."""
    chosen = dict(re.findall(r':(start-at|end-before): "?(.*?)"?$', options, re.M))
    lines = path.read_text(encoding="utf-8").splitlines()
    begin = next(i for i, line in enumerate(lines) if chosen.get("start-at", "") in line)
    rest = range(begin + 1, len(lines))
    end = next((i for i in rest if "end-before" in chosen and chosen["end-before"] in lines[i]), len(lines))
    return "\n".join(lines[begin:end])


def main(source: str, target: str) -> None:
    """Write the notebook of each page of `source` that has cells and is not in `target` yet."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(source).glob("*.md")):
        page = path.read_text(encoding="utf-8")
        into = folder / f"{path.stem}.ipynb"
        if into.exists():
            print(f"{into} stays as you left it; delete it to start afresh")
        elif "```{code-cell}" in page:
            into.write_text(json.dumps(notebook(page, path.parent), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A page of the book as a notebook, as far as the grader is concerned: its code cells, and its live cells as magic."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
FENCE = re.compile(r"^```\{(code-cell|live|exercise-start|exercise-end)\} ?(.*?)\n(.*?)^```$", re.M | re.S)
PYTHON = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def pages() -> list[str]:
    """The stems of the pages that have something to answer."""
    return sorted(path.stem for path in BOOK.glob("*.md") if labels(path.stem))


def labels(stem: str) -> dict[str, list[str]]:
    """The exercises of a page by label, each with the live cells that stand in it."""
    found: dict[str, list[str]] = {}
    inside = None
    for kind, title, body in FENCE.findall((BOOK / f"{stem}.md").read_text(encoding="utf-8")):
        if kind == "exercise-start":
            inside = re.search(r"^:label: (\S+)$", body, re.M)[1]
            found[inside] = []
        elif kind == "exercise-end":
            inside = None
        elif kind == "live" and ":exercise:" in body:
            found.setdefault(inside or title, []).append(title)
    return found


def live_source(body: str, exchange: bool = True) -> str:
    """The source of a live cell as the page shows it, or as the package has it."""
    source = (ROOT / re.search(r":source: (\S+)", body)[1]).read_text(encoding="utf-8")
    if exchange:
        for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", body, re.M):
            before, after = ("\n".join(line[2:] for line in lines.splitlines()) for lines in (old, new))
            assert source.count(before) == 1, before
            source = source.replace(before, after)
    return source


def live_cells(stem: str) -> dict[str, tuple[str, str]]:
    """The live cells of a page by name: the magic's line, and the source as the page shows it."""
    found = {}
    for kind, name, body in FENCE.findall((BOOK / f"{stem}.md").read_text(encoding="utf-8")):
        if kind == "live":
            file = re.search(r":source: (\S+)", body)[1]
            vectors = re.search(r":vectors: (\S+)|$", body)[1] or Path(file).stem
            found[name] = (f"%%live {name} {file} {vectors}", live_source(body))
    return found


def cells(stem: str) -> list[str]:
    """The code cells of a notebook, in order."""
    found, live = [], live_cells(stem)
    for kind, title, body in FENCE.findall((BOOK / f"{stem}.md").read_text(encoding="utf-8")):
        if kind == "live":
            found.append("\n".join(live[title]))
        elif kind == "code-cell" and "page-only" not in body.partition("\n")[0]:
            found.append(re.sub(r"\A(:.*\n)+", "", body).strip("\n"))
    return found


def written(path: Path, sources: list[str], metadata: dict) -> Path:
    """A notebook file of these cells; `metadata` besides Python's."""
    cells = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source, "execution_count": None,
         "outputs": []}
        for number, source in enumerate(sources)
    ]
    text = json.dumps({"cells": cells, "metadata": PYTHON | metadata, "nbformat": 4, "nbformat_minor": 5})
    path.write_text(text, encoding="utf-8")
    return path

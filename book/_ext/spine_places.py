"""Where an entry of the book's tables stands, so that a fault in it is named with file and line."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

from zhenwu import spec

FOLDER = Path(spec.__file__).parent
FILES = {"Chapter": "chapters.py", "Claim": "claims*.py"}


class Place(NamedTuple):
    """A file and a line of it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place(kind: str, name: str) -> Place:
    """The line where the Chapter or Claim of this stem or id begins."""
    return _places(kind)[name]


@cache
def _places(kind: str) -> dict[str, Place]:
    found = {}
    for path in sorted(FOLDER.glob(FILES[kind])):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind:
                found[ast.literal_eval(node.args[0])] = Place(str(path), node.lineno)
    return found

"""A learner's notebook, read from its file: what it must be before anything in it is run."""

import json
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from zhenwu.exercises import Unusable

LONGEST = 120  # characters of what a validator says that are repeated


def read(path: Path, chapter: str) -> NotebookNode:
    """The notebook of `chapter` at `path`; Unusable if it is none, or another's."""
    expected = f"expected the notebook of {chapter}"
    notebook = _notebook(path, expected)
    metadata = notebook.metadata
    language = _words(metadata, "language_info", "name") or _words(metadata, "kernelspec", "language") or "python"
    if not language.lower().startswith("python"):
        raise Unusable(f"{path}: is a notebook in {language}; expected one in Python, as the book's are")
    found = _words(metadata, "zhenwu", "chapter")
    if not found:
        raise Unusable(f"{path}: its metadata name no chapter (zhenwu.chapter) of this book; {expected}")
    if found != chapter:
        raise Unusable(f"{path}: is the notebook of {found}; {expected}")
    return notebook


def _words(metadata: NotebookNode, group: str, name: str) -> str:
    """A string in the metadata, or an empty one."""
    entries = metadata.get(group)
    value = entries.get(name) if isinstance(entries, dict) else None
    return value if isinstance(value, str) else ""


def _notebook(path: Path, expected: str) -> NotebookNode:
    try:
        text = _text(path, expected)
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable(f"{path}: is no notebook, since it is not JSON; {expected}") from None
    if not (isinstance(plain, dict) and type(plain.get("nbformat")) is int):
        raise Unusable(f"{path}: is JSON but no notebook, since it has no number nbformat; {expected}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without an id, which an older Jupyter writes
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # a file that is not what it says breaks the reader in many ways
        raise Unusable(f"{path}: is no valid notebook ({_short(error)}); {expected}") from None
    return notebook


def _text(path: Path, expected: str) -> str:
    try:
        if not path.exists():
            raise Unusable(f"{path}: there is no such file; {expected}")
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no regular file"
            raise Unusable(f"{path}: is {what}; {expected}")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(f"{path}: {(error.strerror or str(error)).lower()}; {expected}") from None


def _short(error: Any) -> str:
    said = str(error).strip().partition("\n")[0]
    return said[:LONGEST] or type(error).__name__

"""The list of what to take away: only what there is, only as long as it is not stale; in a copy, what a copy is."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.book.conftest import EXTENSIONS

PAGE = {"index": "# T\n\n```{copies}\n```\n"}
TEMPLATES = [str(EXTENSIONS.parent / "_templates")]


def words(html: str) -> str:
    """The page with its links, and no other tags."""
    return re.sub(r"<(?!a )[^>]*>", "", html)


@pytest.fixture
def copies_list(monkeypatch, tmp_path) -> ModuleType:
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    import copies_list

    monkeypatch.setattr(copies_list, "COPIES", tmp_path / "copies")
    monkeypatch.setattr(copies_list, "book_digest", lambda: "now")
    (tmp_path / "copies").mkdir()
    return copies_list


def made(copies_list: ModuleType, kind: str, digest: str) -> Path:
    path = copies_list.COPIES / copies_list.file_name(kind)
    path.write_bytes(b"%" * 1_234_567)
    copies_list.note_made(path, digest)
    return path


def test_what_is_not_made_is_not_linked_and_the_page_says_how(build, copies_list):
    page = words(build(PAGE, ["copies_list"]).pages["index"])
    assert "make pdf" in page and "make epub" in page and 'href="copies/' not in page and "Notebooks" not in page


def test_what_was_made_of_this_book_is_linked_with_its_size(build, copies_list, tmp_path):
    path = made(copies_list, "pdf", "now")
    built = build(PAGE, ["copies_list"])
    page = words(built.pages["index"])
    assert built.warnings == ""
    assert f'href="copies/{path.name}"' in page and "1.2 MB" in page
    assert "make pdf" not in page and "make epub" in page
    assert (tmp_path / "html" / "copies" / path.name).stat().st_size == path.stat().st_size


def test_a_copy_of_an_older_book_is_neither_linked_nor_left_in_the_site(build, copies_list, monkeypatch, tmp_path):
    path = made(copies_list, "epub", "now")
    assert path.name in build(PAGE, ["copies_list"]).pages["index"]
    monkeypatch.setattr(copies_list, "book_digest", lambda: "a page later")
    page = words(build({}, ["copies_list"]).pages["index"])  # nothing of the page itself has changed
    assert path.name not in page and "make epub" in page
    assert not (tmp_path / "html" / "copies").exists()


def test_notebooks_are_linked_where_the_book_has_their_page(build, copies_list):
    page = build({**PAGE, "notebooks": "# Notebooks\n"}, ["copies_list"]).pages["index"]
    assert 'href="notebooks.html"' in page and 'href="notebooks/zhenwu-notebooks.zip"' in page


def test_a_copy_says_that_it_is_one(build, copies_list):
    made(copies_list, "pdf", "now")
    extensions = ["copies_list", "offline_copy", "book_facts"]
    page = build(PAGE, extensions, builder="epub", templates_path=TEMPLATES).pages["index"]
    assert "You are reading a copy of the book." in page and "make pdf" not in page and "MB" not in page


def test_the_digest_changes_with_all_that_the_book_is_made_from_and_with_nothing_built(tmp_path, copies_list):
    from fresh import book_digest

    files = ("book/index.md", "book/_static/book.css", "hdl/slice.py", "pyproject.toml", "CITATION.cff")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    seen = {book_digest(tmp_path)}
    for name in files:
        (tmp_path / name).write_text("two")
        seen.add(book_digest(tmp_path))
    assert len(seen) == 1 + len(files)
    for name in ("book/npm/node_modules/x.js", "book/_ext/__pycache__/x.pyc", "build/html/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("three")
    assert book_digest(tmp_path) in seen

"""`make pdf` and `make epub`: what is missing is said in a sentence, and a failure leaves the old copy alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.book.conftest import EXTENSIONS

ROOT = Path(__file__).resolve().parents[2]


def run(kind: str, **environment: str) -> subprocess.CompletedProcess:
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    command = [sys.executable, "-m", "book.copies", kind]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment, capture_output=True, text=True
    )


def test_an_unknown_kind_is_named():
    done = run("djvu")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", '"djvu": expected pdf or epub\n')


def test_what_a_pdf_lacks_is_said_each_in_a_sentence(tmp_path):
    done = run("pdf", PATH=str(tmp_path))
    lines = done.stderr.splitlines()
    assert done.returncode == 2 and done.stdout == ""
    assert any("apt-get install chromium" in line for line in lines)
    assert any("apt-get install fonts-noto-cjk" in line for line in lines)
    assert "Traceback" not in done.stderr


@pytest.fixture
def main(monkeypatch, tmp_path):
    """The program, with a folder of its own and a build that succeeds."""
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    import copies_list

    from book.copies import __main__ as program

    monkeypatch.setattr(copies_list, "COPIES", tmp_path)
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program.needs, "lacking", lambda kind: [])
    monkeypatch.setattr(program.pages, "build", lambda: 0)
    monkeypatch.setattr(program.site, "main", lambda: 0)
    return program


def test_a_copy_is_written_whole_with_the_digest_of_what_it_was_made_from(main, monkeypatch, tmp_path):
    import copies_list

    monkeypatch.setattr(main, "make", lambda kind, target: target.write_text("new") * 0)
    assert main.main("epub") == 0
    copy = tmp_path / copies_list.file_name("epub")
    assert copy.read_text() == "new" and list(copies_list.current()) == ["epub"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [copy.name, f"{copy.name}.made-from"]


@pytest.mark.parametrize("broken", ["make", "build"])
def test_a_failure_leaves_the_old_copy_and_says_so(main, monkeypatch, tmp_path, capsys, broken):
    import copies_list

    copy = tmp_path / copies_list.file_name("pdf")
    copy.write_text("old")
    if broken == "make":
        monkeypatch.setattr(main, "make", lambda kind, target: bool(target.write_text("half")) + 0)
    else:
        monkeypatch.setattr(main.pages, "build", lambda: 1)
    assert main.main("pdf") == 1
    assert copy.read_text() == "old" and list(tmp_path.iterdir()) == [copy]
    assert "not made anew" in capsys.readouterr().err or broken == "build"

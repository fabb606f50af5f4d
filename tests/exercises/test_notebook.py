"""`zhenwu grade` on what is no notebook, or the wrong one: a sentence and status 2, before anything is run."""

import json
import os
import sys

import pytest

from tests.exercises.converted import written
from zhenwu import cli

STEM = "reading_a_waveform"
RIGHT = {"zhenwu": {"chapter": STEM, "version": "0"}}
WANTED = f"expected the notebook of {STEM}"


@pytest.fixture
def grade(monkeypatch, capsys, tmp_path):
    pytest.importorskip("nbclient", reason="nbclient is not here: the extra [notebooks] has it")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zhenwu", "grade", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        assert ended.value.code == 2 and output.out == "" and output.err.count("\n") == 1
        return output.err

    return call


def test_an_unknown_chapter_is_named_with_those_that_there_are(grade):
    said = grade("nowhere")
    assert said.startswith("zhenwu: nowhere: there is no such chapter with exercises; expected one of ")
    assert STEM in said


def test_a_notebook_that_is_not_there_is_looked_for_in_this_folder(grade):
    assert grade(STEM) == f"zhenwu: {STEM}.ipynb: there is no such file; {WANTED}\n"
    assert grade(STEM, "my.ipynb") == f"zhenwu: my.ipynb: there is no such file; {WANTED}\n"


def test_a_folder_is_no_notebook(grade, tmp_path):
    (tmp_path / "my.ipynb").mkdir()
    assert grade(STEM, "my.ipynb") == f"zhenwu: my.ipynb: is a folder; {WANTED}\n"


def test_a_pipe_is_no_notebook(grade):
    os.mkfifo("pipe")
    assert grade(STEM, "pipe") == f"zhenwu: pipe: is no regular file; {WANTED}\n"


def test_a_name_that_is_too_long_is_refused(grade):
    assert f"; {WANTED}\n" in grade(STEM, "x" * 5000)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"no json", b"{", b"[" * 100_000, b"# a script\n"])
def test_what_is_not_json_is_refused(grade, tmp_path, content):
    (tmp_path / "my.ipynb").write_bytes(content)
    assert grade(STEM, "my.ipynb") == f"zhenwu: my.ipynb: is no notebook, since it is not JSON; {WANTED}\n"


@pytest.mark.parametrize("content", ["{}", "[1]", "null", "5", '{"nbformat": "4"}', '{"nbformat": true}'])
def test_json_that_is_no_notebook_is_refused(grade, tmp_path, content):
    (tmp_path / "my.ipynb").write_text(content)
    said = grade(STEM, "my.ipynb")
    assert said == f"zhenwu: my.ipynb: is JSON but no notebook, since it has no number nbformat; {WANTED}\n"


@pytest.mark.parametrize(
    "change",
    [
        {"cells": 5}, {"cells": [{"cell_type": "code"}]}, {"nbformat": 99}, {"nbformat": -1},
        {"metadata": []}, {"nbformat_minor": "x"},
        {"cells": [{"cell_type": "poem", "metadata": {}, "source": "", "id": "a"}]},
    ],
    ids=str,
)
def test_a_notebook_that_is_not_valid_is_refused(grade, tmp_path, change):
    path = written(tmp_path / "my.ipynb", ["x = 1"], RIGHT)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    said = grade(STEM, "my.ipynb")
    assert said.startswith("zhenwu: my.ipynb: is no valid notebook (") and said.endswith(f"; {WANTED}\n")


@pytest.mark.parametrize(
    "metadata", [{}, {"zhenwu": {}}, {"zhenwu": 5}, {"zhenwu": {"chapter": None}}, {"zhenwu": {"chapter": ["a"]}}]
)
def test_a_notebook_that_names_no_chapter_is_refused(grade, tmp_path, metadata):
    written(tmp_path / "my.ipynb", ["x = 1"], metadata)
    assert grade(STEM, "my.ipynb") == (
        f"zhenwu: my.ipynb: its metadata name no chapter (zhenwu.chapter) of this book; {WANTED}\n"
    )


def test_the_notebook_of_another_chapter_is_refused(grade, tmp_path):
    written(tmp_path / "my.ipynb", ["x = 1"], {"zhenwu": {"chapter": "exact_dot_product"}})
    assert grade(STEM, "my.ipynb") == f"zhenwu: my.ipynb: is the notebook of exact_dot_product; {WANTED}\n"


@pytest.mark.parametrize(
    "metadata", [{"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}, {"language_info": {"name": "R"}}]
)
def test_a_notebook_in_another_language_is_refused(grade, tmp_path, metadata):
    written(tmp_path / "my.ipynb", ["x <- 1"], RIGHT | metadata)
    said = grade(STEM, "my.ipynb")
    assert said == "zhenwu: my.ipynb: is a notebook in R; expected one in Python, as the book's are\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--seed", "x"), "zhenwu: --seed x: expected a whole number of 0 or more, such as 1"),
        (("--limit", "0"), "zhenwu: Invalid value for '--limit'"),
        (("--limit", "soon"), "zhenwu: Invalid value for '--limit'"),
    ],
)
def test_seed_and_limit_are_numbers(grade, tmp_path, options, sentence):
    written(tmp_path / "my.ipynb", ["x = 1"], RIGHT)
    assert grade(STEM, "my.ipynb", *options).startswith(sentence)


def test_without_nbclient_the_command_to_install_it_is_named(monkeypatch, capsys):
    """In an environment that has it too: the import is refused."""
    for name in [each for each in sys.modules if each.partition(".")[0] in ("nbclient", "nbformat")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("grade", "notebook", "session"):
        monkeypatch.delitem(sys.modules, f"zhenwu.exercises.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "nbformat", None)
    monkeypatch.setattr(sys, "argv", ["zhenwu", "grade", STEM])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.count("\n") == 1
    assert said.startswith("zhenwu: zhenwu grade runs notebooks with nbclient, and there is no nbformat here; expected")

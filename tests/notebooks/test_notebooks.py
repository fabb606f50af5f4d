"""Every notebook of the site runs where nothing is but the wheel: in an empty folder, without the repository."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.notebooks.executing import ROOT, Machine
from tests.test_book import PAGES, text_of
from zhenwu.spec.chapters import CHAPTERS


def test_every_chapter_and_appendix_has_its_notebook(notebooks: Path) -> None:
    written = [chapter.stem for chapter in CHAPTERS if chapter.stem in PAGES]
    assert {f"{stem}.ipynb" for stem in written} == {path.name for path in notebooks.glob("*.ipynb")}
    assert all("{code-cell}" in text_of(stem) or "{live}" in text_of(stem) for stem in written)


def test_the_zip_holds_all_of_them_with_their_licences(notebooks: Path) -> None:
    with zipfile.ZipFile(notebooks / "zhenwu-notebooks.zip") as archive:
        held = {Path(name).name: archive.read(name) for name in archive.namelist()}
    one_by_one = {path.name: path.read_bytes() for path in notebooks.glob("*.ipynb")}
    assert {name: data for name, data in held.items() if name.endswith(".ipynb")} == one_by_one
    assert held["LICENSE-code.txt"] == (ROOT / "LICENSE").read_bytes() and "LICENSE-text.txt" in held
    assert b'pip install ".[notebooks]"' in held["README.txt"]


def test_the_package_is_that_of_the_wheel(machine: Machine, tmp_path: Path) -> None:
    ran = machine.run("-c", "import hdl, zhenwu; print(*hdl.__path__, *zhenwu.__path__, sep='\\n')", folder=tmp_path)
    homes = ran.stdout.splitlines()
    assert len(homes) == 2 and all(Path(home).parent.name == "site-packages" for home in homes), ran.stderr


def test_the_wheel_holds_every_file_of_the_packages(machine: Machine, tmp_path: Path) -> None:
    ran = machine.run("-c", "import zhenwu; print(*zhenwu.__path__)", folder=tmp_path)
    installed = Path(ran.stdout.strip()).parent
    files = [path for package in ("hdl", "zhenwu") for path in (ROOT / package).rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts]
    assert [name for name in names if not (installed / name).is_file()] == []


def test_a_block_is_checked_and_reported_without_the_repository(machine: Machine, tmp_path: Path) -> None:
    ran = machine.run("-m", "zhenwu", "sim", "--block", "e2m1_decode", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "build" / "sim" / "report.html").is_file()


def test_a_notebook_runs_in_an_empty_folder(name: str, notebooks: Path, machine: Machine, tmp_path: Path) -> None:
    ran = machine.execute(notebooks / name, tmp_path)
    if ran.returncode:
        pytest.fail(ran.stderr, pytrace=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "executed.ipynb"])
    executed = json.loads((tmp_path / "executed.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in executed["cells"] for output in cell.get("outputs", ())]
    assert outputs and [output for output in outputs if output.get("name") == "stderr"] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"open({str(ROOT / 'README.md')!r})", "PermissionError"),
        (f"__import__('os').listdir({str(ROOT)!r} + '/book')", "PermissionError"),
        ("open('book/_config.yml')", "FileNotFoundError"),
        ("import yaml_that_no_extra_names", "ModuleNotFoundError"),
        ("__import__('socket').create_connection(('192.0.2.1', 80), timeout=1)", "PermissionError"),
    ],
    ids=["a file of the repository", "its folder", "a file beside it", "a package", "the network"],
)
def test_a_notebook_that_needs_more_than_the_wheel_fails(
    line: str, said: str, machine: Machine, tmp_path: Path
) -> None:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": line}
    planted = tmp_path / "planted.ipynb"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    planted.write_text(json.dumps(
        {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    ))
    folder = tmp_path / "empty"
    folder.mkdir()
    ran = machine.execute(planted, folder)
    assert ran.returncode != 0 and said in ran.stderr

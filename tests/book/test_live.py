"""Live cells: what stands in the page, what the build refuses, and what is copied beside the pages."""

import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest

from hdl.bench.attempt import attempt
from hdl.bench.played import report
from tests.book.conftest import EXTENSIONS
from zhenwu.cosim.hbm.judged_commands import judged
from zhenwu.cosim.live import live

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "hdl/numerics/e2m1_decode.py"
TABLE = "halves.next = E2M1_HALVES[int(code)]"


def directive(name: str, *lines: str, source: str = SOURCE) -> str:
    return "\n".join([f"```{{live}} {name}", f":source: {source}", *lines, "```", ""])


def page(*directives: str) -> dict[str, str]:
    return {"index": "# T\n\n" + "\n".join(directives)}


BUG = directive("bug", ":exercise: find the bug", "", f"- {TABLE}", "+ halves.next = E2M1_HALVES[int(code) & 7]")


def textarea(html: str) -> str:
    return unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.S)[1])


def test_a_cell_shows_the_real_source_and_what_the_build_found(build):
    built = build(page(directive("decode", ":show: halves")), ["live"])
    html = built.pages["index"]
    assert built.warnings == ""
    assert textarea(html) == (ROOT / SOURCE).read_text(encoding="utf-8")
    assert 'data-live="decode" data-state="idle"' in html and 'data-recorded="right"' in html
    shown = report(attempt(live("e2m1_decode"), textarea(html)), ["halves"])
    for part in ("verdict", "summary", "table", "wave"):
        assert shown[part] and shown[part] in html, part
    assert '<p class="live-status" role="status"></p>' in html
    assert all(f'<button type="button" class="live-{name}" hidden>' in html for name in ("run", "stop", "reset"))


def test_an_exercise_shows_the_source_with_its_bug_and_a_wrong_result(build):
    built = build(page(BUG), ["live"])
    html = built.pages["index"]
    assert built.warnings == "" and 'data-recorded="wrong"' in html
    assert textarea(html).count("E2M1_HALVES[int(code) & 7]") == 1
    assert "Not yet: in vector 9, halves is 1 (0x1); expected -1 (-0x1). 7 of 16 values differ." in html
    assert "One thing in this source is wrong." in html


def listed(name: str, *lines: str) -> str:
    return "\n".join([f"```{{commands}} {name}", "", *lines, "```", ""])


A_LIST = ("# a read", "0  ACT bg=0 ba=0 row=5", "31 RD  bg=0 ba=0")


def test_a_list_of_commands_shows_what_the_checker_says(build):
    built = build(page(listed("read", *A_LIST), directive("decode")), ["live"])
    html = built.pages["index"]
    assert built.warnings == "" and html.count('src="live/live.js"') == 1
    assert textarea(html) == "\n".join(A_LIST) + "\n"
    assert 'data-live="read"' in html and 'data-vectors="" ' in html and "The commands, yours to change." in html
    shown = judged(textarea(html))
    for part in ("verdict", "summary", "table", "wave"):
        assert shown[part] and shown[part] in html, part


def test_a_list_of_commands_stands_in_a_copy_with_what_the_build_found(build):
    built = build(page(listed("read", *A_LIST)), ["live"], builder="epub", version="1", epub_show_urls="no")
    text = built.pages["index"]
    assert "31 RD  bg=0 ba=0" in unescape(re.sub("<[^>]*>", "", text)) and "no rule is broken" in text
    assert "<textarea" not in text and "WARNING: Could not lex" not in built.warnings


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("0 ACT bg=0 ba=0 row=5", "30 RD bg=0 ba=0"), "got: Not yet: line 2, CK 30"),
        (("0 OPEN",), 'got: Line 1: &quot;OPEN&quot;: expected a command'),
        ((), "got: Line 1: there is no command"),
    ],
)
def test_a_list_that_breaks_a_rule_ends_the_build(build, lines, fault):
    built = build(page(listed("a", *lines)), ["live"])
    assert "index.md:3: WARNING: live a: expected a list that breaks no rule, " in built.warnings
    assert fault in built.warnings


def test_script_and_style_come_once_and_only_where_a_cell_is(build):
    pages = page(directive("one"), BUG) | {"other": "# Other\n"}
    built = build(pages, ["live"])
    assert built.warnings == ""
    assert built.pages["index"].count('src="live/live.js"') == 1 and 'class="live"' in built.pages["index"]
    assert "live/" not in built.pages["other"]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (directive("a", source="hdl/numerics/none.py"), 'source "hdl/numerics/none.py": expected a file of hdl'),
        (directive("a", source="zhenwu/cli.py"), 'source "zhenwu/cli.py": expected a file of hdl'),
        (directive("a", ":vectors: fp64"), "live vectors 'fp64': expected one of e2m1_decode"),
        (directive("a", ":show: halfs"), "e2m1_decode: no pin halfs to show; its pins: code, halves"),
        (directive("a", ":exercise: guess"), 'exercise "guess": expected find the bug or write it or change it'),
        (directive("a", ":exercise: write it"), "expected a body in an exercise"),
        (directive("a", "", f"- {TABLE}", "+ halves.next = 1"), "expected a body in an exercise"),
        (directive("a", ":vectors: e8m0_decode"), "expected the right answer by the vectors e8m0_decode, got:"),
        (
            directive("a", ":exercise: find the bug", "", f"- {TABLE}", f"+ {TABLE}  # the same"),
            "expected a wrong answer by the vectors e2m1_decode, got: Right: all 16 values agree",
        ),
        (
            directive("a", ":exercise: find the bug", "", "- halves.next = 2", "+ halves.next = 1"),
            f'"halves.next = 2" stands 0 times in {SOURCE}: expected once',
        ),
        (
            directive("a", ":exercise: find the bug", "", "- halves", "+ quarters"),
            f'"halves" stands 4 times in {SOURCE}: expected once',
        ),
        (
            directive("a", ":exercise: find the bug", "", "halves.next = 1"),
            '"halves.next = 1": expected "- " before lines of the source',
        ),
    ],
)
def test_a_cell_that_would_mislead_ends_the_build_with_file_and_line(build, cell, fault):
    built = build(page(cell), ["live"])
    found = re.search(r"index\.md:3: WARNING: live a: (.*)", built.warnings)
    assert found and found[1].startswith(fault), built.warnings
    assert "<textarea" not in built.pages["index"]


def test_a_name_stands_once_on_a_page(build):
    built = build(page(directive("a"), directive("a")), ["live"])
    assert re.search(r"index\.md:7: WARNING: live a: there is a cell of that name on this page", built.warnings)


def test_pieces_may_be_several_and_of_several_lines(monkeypatch):
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    extension = importlib.import_module("live")
    body = ["- a", "+ b", "", "- c", "-     d", "+ e", "- f", "+"]
    assert extension.pieces(body) == [("a", "b"), ("c\n    d", "e"), ("f", "")]


def test_what_a_click_loads_lies_beside_the_pages(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    site = importlib.import_module("live_site")
    pyodide = tmp_path / "node_modules" / "pyodide"
    pyodide.mkdir(parents=True)
    for name in (*site.CORE, "console.html"):
        (pyodide / name).write_text(name)
    site.fill(tmp_path / "live", pyodide)
    assert {path.name for path in (tmp_path / "live" / "pyodide").iterdir()} == set(site.CORE)
    assert json.loads((tmp_path / "live" / "vectors" / "fifo.json").read_text()) == live("fifo")
    with zipfile.ZipFile(tmp_path / "live" / "python.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "unpacked")
    assert "myhdl/LICENSE.txt" in names and "hdl/numerics/mx_dot.py" in names
    others = {name for name in names if name.startswith("zhenwu/") and "/spec/" not in name and "__init__" not in name}
    assert others == {f"zhenwu/{name}" for name in site.JUDGE if "__init__" not in name}
    before = (tmp_path / "live" / "python.zip").read_bytes()
    site.fill(tmp_path / "live", tmp_path / "absent")
    assert not (tmp_path / "live" / "pyodide").exists(), "Pyodide of an earlier build stayed"
    assert (tmp_path / "live" / "python.zip").read_bytes() == before


def test_the_archive_alone_plays_a_cell(monkeypatch, tmp_path):
    """As in the browser: no numpy, and nothing of ours but what was packed."""
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    importlib.import_module("live_site").fill(tmp_path, tmp_path / "absent")
    with zipfile.ZipFile(tmp_path / "python.zip") as archive:
        archive.extractall(tmp_path / "book")
    program = (
        "import json, sys; sys.path[:0] = ['book']; from hdl.bench.attempt import attempt\n"
        "source = open('book/hdl/stream/arbiter.py').read()\n"
        "record = attempt(json.load(open('vectors/arbiter.json')), source)\n"
        "print(record['wrong'], 'numpy' in sys.modules, sys.modules['myhdl'].__file__.startswith(sys.argv[1]))\n"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "0 False True\n", done.stderr


def test_the_archive_alone_judges_a_list_of_commands(monkeypatch, tmp_path):
    """As in the browser."""
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    importlib.import_module("live_site").fill(tmp_path, tmp_path / "absent")
    with zipfile.ZipFile(tmp_path / "python.zip") as archive:
        archive.extractall(tmp_path / "book")
    program = (
        "import sys; sys.path[:0] = ['book']; from zhenwu.cosim.hbm.judged_commands import judged\n"
        "print(judged(sys.argv[1])['outcome'], 'numpy' in sys.modules, 'myhdl' in sys.modules)\n"
    )
    command = [sys.executable, "-I", "-c", program, "0 ACT bg=0 ba=0 row=5\n30 RD bg=0 ba=0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "wrong False False\n", done.stderr


@pytest.mark.parametrize("present", [True, False])
def test_the_page_says_whether_pyodide_is_missing(build, monkeypatch, tmp_path, present):
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    extension, site = importlib.import_module("live"), importlib.import_module("live_site")
    (tmp_path / "pyodide").mkdir()
    monkeypatch.setattr(extension, "PYODIDE", tmp_path / ("pyodide" if present else "absent"))
    monkeypatch.setattr(site, "CORE", ())
    built = build(page(directive("decode")), ["live"])
    assert built.warnings == ""
    assert ('class="live-missing"' in built.pages["index"]) != present
    assert present or "make book fetches it" in built.pages["index"]


@pytest.fixture
def build_program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_book", ROOT / "book" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def npm_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str | None) -> Path:
    """A folder with a lock file, and on PATH an npm of that script, or none."""
    (folder / "bin").mkdir()
    (folder / "package-lock.json").write_text("{}")
    if script is not None:
        (folder / "bin" / "npm").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin" / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/bin" if script is not None else str(folder / "bin"))
    return folder


def test_npm_is_asked_once_by_its_lock_file(build_program, monkeypatch, tmp_path):
    script = 'echo "$@" >> calls; mkdir -p node_modules; touch node_modules/.package-lock.json'
    folder = npm_folder(tmp_path, monkeypatch, script)
    build_program.fetch(folder)
    build_program.fetch(folder)
    assert (folder / "calls").read_text() == "ci --ignore-scripts --no-audit --no-fund --silent\n"


@pytest.mark.parametrize(("script", "sentence"), [(None, "No npm here"), ("exit 1", "npm could not fetch Pyodide")])
def test_without_npm_the_book_is_built_all_the_same(build_program, monkeypatch, tmp_path, capsys, script, sentence):
    build_program.fetch(npm_folder(tmp_path, monkeypatch, script))
    assert sentence in capsys.readouterr().out

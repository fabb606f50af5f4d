"""Chapters as notebooks: every cell is there, and what only Sphinx understands has become text, links and cells."""

import ast
import json
import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.book.conftest import EXTENSIONS
from tests.book.test_number_role import kept

STEM = "reading_a_waveform"  # a chapter of the book, so that a page of this name has a notebook
EXTENSIONS_USED = ["notebook", "number_role", "glossary", "live", "sources_list", "spine", "values_list"]
FRONT = "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\nkernelspec: {name: python3}\n---\n"


@pytest.fixture
def convert(monkeypatch):
    """The cells of a page without a book around it, and what could not be converted, by line."""
    pytest.importorskip("myst_nb", reason="MyST-NB is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    from notebook_cells import notebook

    def convert(page: str, **book: object) -> tuple[list, list[tuple[int, str]]]:
        faults: list[tuple[int, str]] = []
        found = notebook(page, SimpleNamespace(**book), "\n> A note.\n", lambda *fault: faults.append(fault))
        return found.cells, faults

    return convert


def sources(cells: list) -> list[str]:
    return [cell.source for cell in cells]


def test_a_list_of_commands_becomes_a_cell_that_judges_it(convert):
    cells, faults = convert(FRONT + "# T\n\n```{commands} read\n\n0 ACT bg=0 ba=0 row=5\n31 RD bg=0 ba=0\n```\n")
    assert faults == [] and "a list of commands" in cells[1].source
    names: dict = {}
    tree = ast.parse(cells[2].source)
    call = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "cell", "exec"), names)
    assert str(eval(compile(call, "cell", "eval"), names)).startswith("Right: 2 commands")


def test_a_solution_folds_and_a_hidden_cell_is_hidden(convert):
    page = (
        FRONT + "# T\n\n```{exercise-start} Width\n:label: ex\n```\nHow wide?\n```{exercise-end}\n```\n\n"
        "```{solution-start} ex\n:class: dropdown\n```\nSo wide.\n\n```{code-cell} ipython3\nx = 1\n```\n"
        "```{solution-end}\n```\n\n```{code-cell} ipython3\n:tags: [hide-input]\ny = 2\n```\n\n"
        "```{code-cell} ipython3\nz = 3\n```\nThe {ref}`exercise <ex>`, and {ref}`ex`.\n"
    )
    cells, faults = convert(page)
    assert faults == [] and sources(cells) == [
        "# T\n\n> A note.",
        "### Exercise: Width\nHow wide?",
        "<details><summary>Solution</summary>\n\nSo wide.\n\n</details>",
        "x = 1",
        "y = 2",
        "z = 3",
        "The [exercise](#Exercise:-Width), and [Exercise: Width](#Exercise:-Width).",
    ]
    folded = [cell.metadata == {"jupyter": {"source_hidden": True}} for cell in cells if cell.cell_type == "code"]
    assert folded == [True, True, False] and [cell.id for cell in cells] == [f"cell-{n}" for n in range(7)]


def test_a_cell_for_the_page_alone_is_left_out_and_one_for_the_notebook_alone_is_in_sight(convert):
    page = "".join(
        f"```{{code-cell}} ipython3\n:tags: [{tags}]\n{code}\n```\n"
        for tags, code in (("page-only, remove-input", "ask()"), ("notebook-only, remove-cell", "def f():\n    pass"),
                           ("remove-input", "figure()"))
    )
    cells, _ = convert(page)
    assert sources(cells) == ["def f():\n    pass", "figure()"]
    assert [bool(cell.metadata) for cell in cells] == [False, True]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("", "**Predict** a number. How long?"),
        (":unit: CK\n", "**Predict** a number, in CK. How long?"),
        (":choices: HBM | latency\n", '**Predict** one of `"HBM"`, `"latency"`. How long?'),
    ],
)
def test_a_prediction_becomes_a_cell_with_a_place_for_the_guess(convert, options, wanted):
    (text, imported, code), _ = convert(f"```{{predict}} took\n{options}How long?\n```\n")
    assert text.source == wanted and code.source.startswith('predict("took", None)')
    assert imported.source == "from zhenwu.chapter import *"


def test_a_live_cell_becomes_a_cell_of_the_magic_after_an_import(convert):
    live = SimpleNamespace(file="hdl/a.py", vectors="a", show=["x", "y"], source="import a\n", task="Mend it.")
    cells, _ = convert("# T\n\n```{live} a_bug\n:source: hdl/a.py\n```\n", live=lambda name: live)
    assert sources(cells) == [
        "# T\n\n> A note.", "from zhenwu.chapter import *", "**Live:** `hdl/a.py`. Mend it.",
        "%%live a_bug hdl/a.py a x y\nimport a",
    ]
    own = "```{code-cell} ipython3\nfrom zhenwu.chapter import keep\n```\n"
    cells, _ = convert(own + "```{live} a_bug\n:source: hdl/a.py\n```\n", live=lambda name: live)
    assert sources(cells)[0] == "from zhenwu.chapter import keep" and len(cells) == 3


def test_formulas_code_and_comments_are_kept_apart_from_roles(convert):
    page = (
        "# T\n\n(here)=\n## A *part*\n\nWith $s_a -\n2$ and `{number}` and ``{term}`x` `` and \\{x\\}.\n% a remark\n\n"
        "- a list\n  ```{math}\n  a = b\n  ```\n\n```python\nx = '{number}`no`'\n```\n\n$$\nc\n$$\n\n"
        "[There](#a-part) and {ref}`here`; {math}`d`.\n"
    )
    cells, faults = convert(page)
    assert faults == [] and cells[1].source == (
        "## A *part*\n\nWith $s_a -\n2$ and `{number}` and ``{term}`x` `` and \\{x\\}.\n\n"
        "- a list\n  $$\n  a = b\n  $$\n\n```python\nx = '{number}`no`'\n```\n\n$$\nc\n$$\n\n"
        "[There](#A-part) and [A part](#A-part); $d$."
    )


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("# T\n\nText.\n\n```{tabs}\n```\n", (5, "directive tabs: expected one")),
        ("# T\n\nText\nwith {kbd}`x`.\n", (4, "role kbd: expected one")),
        ("# T\n\nA\n: b\n", (3, "a definition list: expected")),
        ("# T\n\n![a](b.png)\n", (3, "image b.png: expected")),
    ],
)
def test_what_a_notebook_cannot_show_is_said_with_its_line(convert, page, fault):
    _, ((line, sentence),) = convert(page)
    assert line == fault[0] and sentence.startswith(fault[1])


NBSP = "\N{NO-BREAK SPACE}"
PAGE = """# Reading a waveform

**Why?** Because.

```{ladder}
```

It is {number}`index:two`, so {value}`index:two`; two {term}`block scales <block scale>`. {source}`ocp-mx` and
{source}`it <ocp-mx>`.
See [the block](myhdl_in_ten_minutes.md), [](myhdl_in_ten_minutes.md), {doc}`notebooks <notebooks>`, the
[list](notebooks.md) and [elsewhere](https://example.org/a).

```{live} fifo
:source: hdl/stream/fifo.py
:show: src_valid
```
"""
OTHER = "# MyHDL in ten minutes\n\n```{live} decode\n:source: hdl/numerics/e2m1_decode.py\n```\n"
PAGES = {
    "index": f"# T\n\n{kept('two', 1438)}\n",
    "glossary": "# G\n\n```{glossary}\nblock scale\n块缩放因子\n  Along $k$, {value}`index:two`.\n\n  More.\n```\n",
    "bibliography": "# B\n\n```{sources}\n```\n",
    STEM: PAGE,
    "myhdl_in_ten_minutes": OTHER,
    "notebooks": "# Notebooks\n\n```{notebooks}\n```\n",
    "values": "# V\n\n```{values}\n```\n",
}


def written(folder: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (folder / "notebooks").glob("*.ipynb")}


def text_of(notebook: dict) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in notebook["cells"])


def test_what_a_chapter_names_is_looked_up_in_the_book(build, tmp_path):
    built = build(PAGES, EXTENSIONS_USED)
    made = written(tmp_path / "html")
    text = text_of(made[STEM])
    assert built.warnings == "" and set(made) == {STEM, "myhdl_in_ten_minutes"}
    for words in (
        f"It is 1,438{NBSP}CK [derived], so 1,438{NBSP}CK; two [block scales](#Terms).",
        f"## Terms\n\n- **block scale** (块缩放因子): Along $k$, 1,438{NBSP}CK.",
        "[the block](myhdl_in_ten_minutes.ipynb), [MyHDL in ten minutes](myhdl_in_ten_minutes.ipynb)",
        'notebooks (a page of the book), the\nlist (the book\'s page "Notebooks") and [elsewhere](https://example.org/a)',
        "- *Receives:* a block that runs\n",
        "- *Needs:* [MyHDL in ten minutes](myhdl_in_ten_minutes.ipynb)\n- *Reading time:* 10 minutes",
        "%%live fifo hdl/stream/fifo.py fifo src_valid\n",
        '> kind in brackets',
    ):
        assert words in text, words
    assert re.search(r"\[Open Compute [^]]*\]\((https://\S+)\) and\n\[it\]\(\1\)", text)
    assert made[STEM]["metadata"]["zhenwu"]["chapter"] == STEM


def test_the_site_links_to_each_notebook_and_lists_them_with_a_zip(build, tmp_path):
    pages = build(PAGES, EXTENSIONS_USED).pages
    link = f'<a download="" href="notebooks/{STEM}.ipynb">Download this appendix as a notebook</a>'
    assert link in pages[STEM] and 'href="notebooks.html"' in pages[STEM].split(link)[1]
    assert pages[STEM].index("</nav>") < pages[STEM].index(link) < pages[STEM].index("It is")
    assert "Download this" not in pages["index"] + pages["glossary"]
    listed = re.findall(r'href="notebooks/([^"]*)">(.*?)</a>, (\d+)\xa0kB', pages["notebooks"])
    folder = tmp_path / "html" / "notebooks"
    names = ["myhdl_in_ten_minutes.ipynb", f"{STEM}.ipynb", "zhenwu-notebooks.zip"]
    assert [name for name, _, _ in listed] == names and listed[1][1] == "Reading a waveform"
    assert [int(size) for _, _, size in listed] == [round((folder / name).stat().st_size / 1000) for name in names]
    with zipfile.ZipFile(folder / names[-1]) as archive:
        held = {Path(name).name for name in archive.namelist()}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert held == {*names[:2], "README.txt", "LICENSE-code.txt", "LICENSE-text.txt"}


def test_a_second_build_has_the_numbers_of_another_page_as_they_are_now(build, tmp_path):
    build(PAGES, EXTENSIONS_USED)
    first = (tmp_path / "html" / "notebooks" / "zhenwu-notebooks.zip").read_bytes()
    build(PAGES, EXTENSIONS_USED)
    assert (tmp_path / "html" / "notebooks" / "zhenwu-notebooks.zip").read_bytes() == first
    plain = PAGES["myhdl_in_ten_minutes"].replace("```{live} decode\n:source: hdl/numerics/e2m1_decode.py\n```", "None")
    build({"index": f"# T\n\n{kept('two', 1439)}\n", "myhdl_in_ten_minutes": plain}, EXTENSIONS_USED)
    made = written(tmp_path / "html")
    assert list(made) == [STEM] and f"1,439{NBSP}CK [derived]" in text_of(made[STEM])
    assert "See the block (the book's page" in text_of(made[STEM])


def test_what_cannot_be_converted_ends_the_build_with_file_and_line(build):
    built = build(PAGES | {"myhdl_in_ten_minutes": OTHER + "\n```{note}\nA note.\n```\n"}, EXTENSIONS_USED)
    where = "myhdl_in_ten_minutes.md:10: WARNING: notebook of myhdl_in_ten_minutes"
    assert f"{where}: directive note: expected" in built.warnings


def test_a_copy_that_is_no_site_has_no_link_and_no_notebook(build, tmp_path):
    build(PAGES, [*EXTENSIONS_USED, "sphinx.builders.epub3"], "epub")
    pages = (tmp_path / "html" / f"{STEM}.xhtml").read_text(encoding="utf-8")
    assert "Download this" not in pages and not (tmp_path / "html" / "notebooks").exists()


def test_what_the_link_says_can_be_translated(build):
    built = build(PAGES, EXTENSIONS_USED, builder="gettext")
    for words in ("Download this appendix as a notebook", "[How to work with it](notebooks.md)"):
        assert f'msgid "{words}"' in built.pages[STEM]

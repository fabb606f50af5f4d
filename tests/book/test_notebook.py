"""Chapters as notebooks: every cell is there, nothing that only Sphinx understands is left, no work is overwritten."""

import json
import re
from pathlib import Path

import pytest

from zhenwu.chapter.notebooks import main, notebook

BOOK = Path(__file__).resolve().parents[2] / "book"
PAGES = sorted(path for path in BOOK.glob("*.md") if "{code-cell}" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_notebook_has_the_cells_of_its_page_and_no_directive(path):
    page = path.read_text(encoding="utf-8")
    cells = notebook(page, BOOK)["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    written = [source for source in code if not source.startswith("predict(")]
    assert len(written) == page.count("```{code-cell}") and all(source in page for source in written)
    assert len(code) - len(written) == page.count("```{predict}")
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert not re.search(r"\{[a-z:-]+\}`|^```\{|^:\w+:", text, re.M)
    assert page[page.index("\n# ") + 1 :].startswith("".join(cells[0]["source"]).split("\n")[0])


def test_a_solution_folds_and_a_hidden_cell_is_hidden():
    page = (
        "# T\n\n```{exercise-start} Width\n:label: ex\n```\nHow wide?\n```{exercise-end}\n```\n\n"
        "```{solution-start} ex\n:class: dropdown\n```\nSo {value}`wide`.\n\n```{code-cell} ipython3\nx = 1\n```\n"
        "```{solution-end}\n```\n\n```{code-cell} ipython3\n:tags: [hide-input]\ny = 2\n```\n\n"
        "```{code-cell} ipython3\nz = 3\n```\nThe {term}`dot unit` and {ref}`it <ex>`.\n"
    )
    cells = notebook(page, BOOK)["cells"]
    assert ["".join(cell["source"]) for cell in cells] == [
        "# T\n\n### Exercise: Width\nHow wide?",
        "<details><summary>Solution</summary>\n\nSo `wide`.\n\n</details>",
        "x = 1",
        "y = 2",
        "z = 3",
        "The dot unit and it.",
    ]
    hidden = [bool(cell["metadata"]) for cell in cells if cell["cell_type"] == "code"]
    assert hidden == [True, True, False]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("", "**Predict** a number. How long?"),
        (":unit: CK\n", "**Predict** a number, in CK. How long?"),
        (":choices: HBM | latency\n", '**Predict** one of "HBM", "latency". How long?'),
    ],
)
def test_a_prediction_becomes_a_cell_with_a_place_for_the_guess(options, wanted):
    text, code = notebook(f"```{{predict}} took\n{options}How long?\n```\n", BOOK)["cells"]
    assert "".join(text["source"]) == wanted and "".join(code["source"]).startswith('predict("took", None)')


def test_a_live_cell_is_named():
    page = "```{live} a_bug\n:source: hdl/stream/arbiter.py\n:exercise: find the bug\n\n- x\n+ y\n```\n"
    (cell,) = notebook(page, BOOK)["cells"]
    assert "".join(cell["source"]) == "*Live in the book's page, to run and to change: `hdl/stream/arbiter.py`.*"


def test_quoted_source_is_copied_in(tmp_path):
    (tmp_path / "block.py").write_text("import x\n@start\ndef a():\n    pass\nreturn a\n")
    page = '```{literalinclude} block.py\n:language: python\n:start-at: "@start"\n:end-before: return a\n```\n'
    (cell,) = notebook(page, tmp_path)["cells"]
    assert "".join(cell["source"]) == "```python\n@start\ndef a():\n    pass\n```"


def test_an_unknown_directive_is_refused():
    with pytest.raises(ValueError, match="directive tabs: expected one that a notebook can show"):
        notebook("```{tabs}\n```\n", BOOK)


def test_a_notebook_that_is_there_stays(tmp_path, capsys):
    book, lab = tmp_path / "book", tmp_path / "lab"
    book.mkdir()
    (book / "page.md").write_text("# T\n\n```{code-cell} ipython3\nx = 1\n```\n")
    (book / "plain.md").write_text("# No cells\n")
    main(str(book), str(lab))
    assert [path.name for path in lab.iterdir()] == ["page.ipynb"]
    json.loads((lab / "page.ipynb").read_text())
    (lab / "page.ipynb").write_text("mine")
    main(str(book), str(lab))
    assert (lab / "page.ipynb").read_text() == "mine" and "stays as you left it" in capsys.readouterr().out

"""The book's house style, enforced: numbers made by code, words for every figure, sections, sizes, and running cells.

Each rule is a function from a page's text to the sentences that say what breaks it; each is also run on a page
with one planted fault. `make book` builds the pages; here the cells run as a plain script, without a notebook.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pytest
import yaml

from zhenwu.spec import chapters

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
TOC = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))


def files(entries: list[dict]) -> Iterator[str]:
    """The pages of some entries of the table of contents, and those below them."""
    for entry in entries:
        yield entry["file"]
        yield from files(entry.get("sections", []))


PAGES = [TOC["root"], *(name for part in TOC["parts"] for name in files(part["chapters"]))]
APPENDICES = [entry.stem for entry in chapters.CHAPTERS if entry.part == chapters.APPENDICES and entry.stem in PAGES]
CHAPTERS = [entry.stem for entry in chapters.CHAPTERS if entry.stem in PAGES and entry.stem not in APPENDICES]

MAX_LINES, MAX_COLUMNS = 15, 100  # of a cell
CELLS, WORDS, EXERCISES, OBJECTIVES = range(12, 21), range(2000, 3501), range(3, 6), range(3, 6)
FOLDED = "\n:tags: [hide-input]\n"  # of cells that a reader opens at will
NOTEBOOK_ONLY = "\n:tags: [remove-cell, notebook-only]\n"  # of cells that stand in a notebook and not in the page
WORDS_PER_FIGURE = 300
APPENDIX_WORDS = 1200
FIGURES = ("figure", "explore", "waves", "drawing", "activity", "banks", "commands", "recorded")
SECTIONS = ("A failure, on purpose", "What the model must do", "Exercises", "What we know now")
CLOSING = ("What changed in the design", "What is still wrong or unknown")

FENCE = re.compile(r"^(`{3,}|:{3,})(.*?)\n(.*?)^\1$", re.M | re.S)
NUMBER_WORDS = re.compile(
    r"\b(eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)\b", re.I
)
NOT_RESULTS = ("CC BY 4.0", "Apache License 2.0", "LGPL, version 2.1", "MPL 2.0")


def text_of(name: str) -> str:
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def cells(page: str) -> list[str]:
    """The code of each cell, without its options."""
    bodies = [body for _, head, body in FENCE.findall(page) if head.startswith("{code-cell}")]
    return [re.sub(r"\A(:.*\n)+", "", body).strip("\n") for body in bodies]


def prose(page: str) -> str:
    """What a reader reads: no front matter, no fenced blocks (a glossary is text), directives' titles kept."""
    page = re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.S)

    def unfenced(match: re.Match) -> str:
        title = re.match(r"\{(\w|-)+\}", match[2])
        if match[2].startswith(("{glossary}", "{predict}")):
            return match[3]
        return match[2][title.end() :] if title else ""

    page = FENCE.sub(unfenced, page)
    return re.sub(r"^:\w+:.*$", "", page, flags=re.M)


def typed_numbers(page: str) -> list[str]:
    """Numbers in the prose that no cell made: digits outside names, or number words above ten."""
    found = []
    text = prose(page)
    for phrase in NOT_RESULTS:
        text = text.replace(phrase, "")
    text = re.sub(r"\]\([^)]*\)", "]", text)  # link targets
    text = re.sub(r"\{[\w:]+\}`[^`]*`", "", text)  # roles
    found += [span for span in re.findall(r"`([^`\n]*)`", text) if re.fullmatch(r"[\d.,%-]+", span)]  # no code
    text = re.sub(r"`[^`\n]*`", "", text)
    formulas = re.findall(r"\$([^$]*)\$", text) + [body for _, head, body in FENCE.findall(page) if head == "{math}"]
    found += [f"formula {formula.strip()}" for formula in formulas if re.search(r"[3-9]|\d\d", formula)]
    text = re.sub(r"\$[^$]*\$", "", text)
    text = re.sub(r"^\s*\d+\. ", "", text, flags=re.M)  # enumerated lists
    text = re.sub(r"\b[A-Za-z][A-Za-z]*\d[\w.]*", "", text)  # names: E2M1, float32, M890
    found += re.findall(r"\S*\d\S*", text)
    return found + [match[0] for match in NUMBER_WORDS.finditer(text)]


def long_cells(page: str) -> list[str]:
    """Cells with too many lines, or too wide ones."""
    found = []
    for number, cell in enumerate(cells(page), 1):
        lines = cell.splitlines()
        if len(lines) > MAX_LINES:
            found.append(f"cell {number}: {len(lines)} lines")
        found += [f"cell {number}: {len(line)} columns: {line}" for line in lines if len(line) > MAX_COLUMNS]
    return found


def calls(page: str, names: tuple[str, ...]) -> list[ast.Call]:
    trees = [ast.parse(cell) for cell in cells(page)]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id in names]


def wordless_figures(page: str) -> list[str]:
    """Figures whose third argument, the words for who cannot see it, is no sentence."""
    found = []
    for call in calls(page, FIGURES):
        alt = call.args[2] if len(call.args) > 2 else None
        if not isinstance(alt, ast.Constant) or len(str(alt.value).split()) < 8:
            found.append(f"{ast.unparse(call)[:60]}: no sentence as alt text")
    return found


def unkept_numbers(page: str) -> list[str]:
    """Names that the text asks for and no cell of the page keeps."""
    kept = {call.args[0].value for call in calls(page, ("keep",))}
    asked = set(re.findall(r"\{(?:number|value)\}`(\w+)`", page))
    return sorted(asked - kept)


def shape_violations(page: str) -> list[str]:
    """What a chapter lacks: sizes, sections, question, prediction, failure, exercises with folded solutions."""
    found = []
    words = len(re.findall(r"\w+", prose(page)))
    count = len(cells(page)) - page.count(NOTEBOOK_ONLY) - page.count(FOLDED)
    figures = len(calls(page, FIGURES)) + page.count("```{live}") + page.count("```{commands}")
    listed = re.search(r"After this chapter you can\n\n((?:\d+\. .*\n(?:   .*\n)*)+)", page)
    objectives = re.findall(r"^\d", listed[1], re.M) if listed else []
    exercises = re.findall(r"^```\{exercise-start\}.*\n:label: (\S+)", page, re.M)
    solutions = re.findall(r"^```\{solution-start\} (\S+)\n:class: dropdown", page, re.M)
    opening = re.split(r"^# .*$", page, maxsplit=1, flags=re.M)[-1].strip().split("\n\n")[0]
    predicted = set(re.findall(r"^```\{predict\} (\w+)$", page, re.M))
    kept = {call.args[0].value for call in calls(page, ("keep",))}
    holds = {
        f"{words} words": words in WORDS,
        f"{count} cells": count in CELLS,
        f"{figures} figures for {words} words": figures and words / figures <= WORDS_PER_FIGURE,
        "no ladder": "```{ladder}\n```" in page,
        "no question opens it": "?" in opening,
        "no list of three to five objectives": len(objectives) in OBJECTIVES,
        "no prediction that is revealed": bool(predicted & kept),
        "no table of paper, golden or cycle models, and RTL": re.search(r'"paper", "(golden|models)", "RTL"\]', page),
        f"{len(exercises)} exercises": len(exercises) in EXERCISES,
        "an exercise without folded solution": exercises == solutions,
        "no number and no code is checked": calls(page, ("ask",)) and calls(page, ("check",)),
        "a code cell inside {solution}": "```{solution}" not in page,
        "no package source is shown": "{literalinclude} ../" in page,
    }
    found += [fault for fault, fine in holds.items() if not fine]
    found += [f'no section "{title}"' for title in SECTIONS if not re.search(rf"^## {title}", page, re.M)]
    return found + [f'no "{title}"' for title in CLOSING if f"**{title}.**" not in page]


@pytest.mark.parametrize("name", APPENDICES)
def test_an_appendix_is_short_opens_with_a_question_and_is_live(name):
    page = text_of(name)
    opening = re.split(r"^# .*$", page, maxsplit=1, flags=re.M)[-1].strip().split("\n\n")[0]
    assert "?" in opening and len(re.findall(r"\w+", prose(page))) <= APPENDIX_WORDS
    assert len(re.findall(r"^```\{live\}", page, re.M)) >= 2 and ":exercise:" in page


def test_the_table_of_contents_and_the_pages_are_the_same():
    assert sorted(PAGES) == sorted(path.stem for path in BOOK.glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("rule", [typed_numbers, long_cells, wordless_figures, unkept_numbers])
def test_every_page_keeps_the_house_style(name, rule):
    assert rule(text_of(name)) == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_has_its_parts(name):
    assert shape_violations(text_of(name)) == []


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_quotes_from_the_package_is_there(name):
    for _, head, body in FENCE.findall(text_of(name)):
        if head.startswith("{literalinclude}"):
            source = (BOOK / head.split()[1]).read_text(encoding="utf-8")
            for mark in re.findall(r':(?:start-at|end-before): "?(.*?)"?$', body, re.M):
                assert source.count(mark) >= 1, f"{head}: {mark} is not in it"


def cell(code: str) -> str:
    return f"```{{code-cell}} ipython3\n{code}\n```\n"


@pytest.mark.parametrize(
    ("rule", "page"),
    [
        (typed_numbers, "The sum is 131.\n"),
        (typed_numbers, "It takes fourteen wires.\n"),
        (typed_numbers, "So $|D| \\le 4608$ holds.\n"),
        (typed_numbers, "```{math}\nw = 14\n```\n"),
        (typed_numbers, "The sum is `131`.\n"),
        (typed_numbers, "```{exercise-start} The 14 wires\n```\n"),
        (long_cells, cell("x = 1\n" * 16)),
        (long_cells, cell("x = " + "1 + " * 30 + "1")),
        (wordless_figures, cell('figure(drawn, "Caption.", "A bar chart.")')),
        (wordless_figures, cell('waves(pins, "Caption.")')),
        (unkept_numbers, cell('keep("dot", 1, "derived", "x")') + "{number}`other`\n"),
    ],
)
def test_a_planted_fault_is_found(rule, page):
    assert len(rule(page)) == 1


def test_names_lists_and_small_exponents_are_no_typed_numbers():
    page = "1. E2M1 and float32 in $2^{-2}$, `mx_dot(a, 3)`, {number}`x` and [a paper](https://arxiv.org/abs/2511.10909)\n"
    assert typed_numbers(page) == []


PARTS_OF_A_CHAPTER = [
    ("\n## A failure, on purpose", "\n## Another section", 'no section "A failure, on purpose"'),
    (":class: dropdown", ":class: open", "an exercise without folded solution"),
    ("```{predict} ", "```{note} ", "no prediction that is revealed"),
    ("**What is still wrong or unknown.**", "**The end.**", 'no "What is still wrong or unknown"'),
    ("After this chapter you can", "You can", "no list of three to five objectives"),
]


@pytest.mark.parametrize(("part", "instead", "fault"), PARTS_OF_A_CHAPTER)
def test_a_chapter_that_lacks_a_part_is_found(part, instead, fault):
    page = text_of("exact_dot_product").replace(part, instead)
    assert shape_violations(page) == [fault]


def extension(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BOOK / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_change_of_the_package_makes_every_page_outdated_once(monkeypatch, tmp_path):
    fresh = extension("fresh")
    source = tmp_path / "hdl" / "numerics" / "mx_dot.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1\n")
    env = MagicMock(package_digest=None, found_docs={"index", "notation"})
    app = MagicMock()
    monkeypatch.setattr(fresh, "digest", lambda digest=fresh.digest: digest(tmp_path))
    assert fresh.outdated(app, env, set(), set(), set()) == env.found_docs
    assert fresh.outdated(app, env, set(), set(), set()) == set()
    source.write_text("x = 2\n")
    assert fresh.outdated(app, env, set(), set(), set()) == env.found_docs


@pytest.mark.parametrize(("warnings", "error", "kept"), [(0, None, True), (1, None, False), (0, ValueError(), False)])
def test_a_build_with_a_warning_forgets_what_it_read(tmp_path, warnings, error, kept):
    environment = tmp_path / "environment.pickle"
    environment.touch()
    extension("fresh").forget(MagicMock(doctreedir=str(tmp_path), _warncount=warnings), error)
    assert environment.exists() == kept

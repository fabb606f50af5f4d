"""The reference of the code: all of the package, each name linked to its line, plain docstrings kept as they are."""

import ast
import os
import re
import sys
from pathlib import Path

import pytest

from tests.test_book import BOOK

ROOT = BOOK.parent


@pytest.fixture
def extensions(monkeypatch) -> None:
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(BOOK / "_ext"), *sys.path])


@pytest.fixture
def site(build, tmp_path):
    quoted = os.path.relpath(ROOT / "hdl/numerics/mx_dot.py", tmp_path / "source")
    page = ("# Code\n\nSee {py:mod}`hdl.numerics.mx_dot` and {py:func}`~zhenwu.spec.units.parse`.\n\n"
            f"```{{literalinclude}} {quoted}\n:start-at: \"@always_comb\"\n```\n\n"
            "```{api} hdl.numerics\n```\n\n```{api} zhenwu.spec.units\n```\n")
    return build({"index": page}, ["api_reference", "source_links"])


def test_every_module_stands_on_one_page_of_the_book(extensions):
    from package_source import modules, within

    listed = []
    for path in sorted(BOOK.glob("api*.md")):
        text = path.read_text(encoding="utf-8")
        for name, option, value in re.findall(r"```\{api\} (\S+)\n(?::(\w+):(.*)\n)?```", text):
            elsewhere = within(value.strip())
            listed += [name] if option == "alone" else [each for each in within(name) if each not in elsewhere]
    assert sorted(listed) == sorted(modules())


def test_names_can_be_linked_to_and_link_to_their_line(site):
    page = site.pages["index"]
    assert site.warnings == "" and 'href="#module-hdl.numerics.mx_dot"' in page
    line = next(node.lineno for node in ast.parse((ROOT / "zhenwu/spec/units.py").read_text(encoding="utf-8")).body
                if isinstance(node, ast.FunctionDef) and node.name == "parse")
    assert f'href="source/zhenwu.spec.units.html#line-{line}"' in page and 'id="zhenwu.spec.units.parse"' in page


def test_quoted_code_says_which_file_it_is_from(site):
    lines = (ROOT / "hdl/numerics/mx_dot.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "@always_comb" in text)
    target = f"source/hdl.numerics.mx_dot.html#line-{line}"
    assert f'From <a class="reference internal" href="{target}">' in site.pages["index"]


def test_a_block_is_marked_and_shows_its_real_parameters(site):
    plain = re.sub(r"<[^>]+>", "", site.pages["index"])
    assert "block mx_dot(a: Signal, b: Signal, dot: Signal)" in re.sub(r"\s+", " ", plain)


def test_a_package_that_is_not_there_ends_the_build_with_its_place(build):
    built = build({"index": "# Code\n\n```{api} hdl.numeric\n```\n"}, ["api_reference"])
    assert "index.md:3: WARNING: api hdl.numeric: expected a package or module" in built.warnings


def test_a_drawing_an_aligned_list_and_words_are_told_apart(extensions):
    from plain_docstring import paragraphs

    kinds = [type(node).__name__ for node in paragraphs(
        "Adds `a` to b.\n\n    a ──> +\n\na, b : in, 8 bits\nsum  : out\n\n- one\n- two\n  more\n\n1. first\n2. next"
    )]
    assert kinds == ["paragraph", "literal_block", "literal_block", "bullet_list", "enumerated_list"]


def test_what_looks_like_markup_stays_text(extensions):
    from plain_docstring import paragraphs

    (node,) = paragraphs("Uses *args, |x| and name_ with `code`.")
    assert node.astext() == "Uses *args, |x| and name_ with code." and len(node.children) == 3


def test_a_source_page_has_an_anchor_for_each_line(extensions):
    from source_pages import page

    path = ROOT / "hdl/numerics/mx_dot.py"
    html = page("hdl.numerics.mx_dot", path, "api_hdl.html#module-hdl.numerics.mx_dot")
    lines = len(Path(path).read_text(encoding="utf-8").splitlines())
    assert [f'id="line-{number}"' in html for number in (1, lines, lines + 1)] == [True, True, False]
    assert "<title>hdl/numerics/mx_dot.py" in html and 'href="../api_hdl.html#module' in html


def test_parameters_are_written_as_in_the_source(extensions):
    from api_reference import parameters

    node = ast.parse("def f(self, a: int, /, b=2, *rest, c: str = 'x', **more): pass").body[0]
    assert list(parameters(node, method=True)) == ["a: int", "b=2", "*rest", "c: str = 'x'", "**more"]
    assert list(parameters(ast.parse("def f(a, *, b): pass").body[0], method=False)) == ["a", "*", "b"]


def test_a_source_page_is_written_again_when_its_module_or_its_place_in_the_reference_changed(extensions, tmp_path):
    from source_pages import outdated, page

    module, target = ROOT / "hdl/numerics/mx_dot.py", tmp_path / "page.html"
    assert outdated(target, module, "api_hdl.html#mx_dot")
    target.write_text(page("hdl.numerics.mx_dot", module, "api_hdl.html#mx_dot"), encoding="utf-8")
    assert not outdated(target, module, "api_hdl.html#mx_dot")
    assert outdated(target, module, "api_numerics.html#mx_dot")
    os.utime(target, (0, 0))
    assert outdated(target, module, "api_hdl.html#mx_dot")

"""What the book says of itself: its version has one home, its citation is valid, and its licences are named."""

import importlib.util
import re
import sys
import tomllib

import pytest
import yaml

from tests.test_book import BOOK, text_of
from zhenwu.spec.sources import FACTS_AS_OF

ROOT = BOOK.parent
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_facts_date_is_the_fact_table_s(shared):
    assert yaml.safe_load((shared / "facts.yaml").read_text(encoding="utf-8"))["compiled"] == FACTS_AS_OF


def test_citation_has_what_cff_1_2_asks_for():
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(CITATION) and CITATION["type"] in ("software", "dataset")
    more = {"version", "license", "keywords", "preferred-citation"}
    assert set(CITATION) <= {"cff-version", "message", "type", "title", "authors"} | more
    for reference in (CITATION, CITATION["preferred-citation"]):
        assert reference["authors"] == [{"name": "the zhenwu contributors"}] and isinstance(reference["version"], str)


def test_the_citation_names_this_version_and_licence():
    cited = CITATION["preferred-citation"]
    assert CITATION["version"] == cited["version"] == PROJECT["version"] and CITATION["license"] == PROJECT["license"]
    title = yaml.safe_load((BOOK / "_config.yml").read_text(encoding="utf-8"))["title"]
    assert cited["title"] == title and cited["license"] == "CC-BY-4.0"


def test_the_page_shows_the_citation_as_bibtex(build):
    built = build({"index": "# Cite\n\n```{citation}\n```\n"}, ["citation"])
    text = re.sub(r"<[^>]+>", "", built.pages["index"])
    assert built.warnings == "" and "@book{zhenwu," in text
    assert f"Version {PROJECT['version']}" in text and "{{the zhenwu contributors}}" in text


def test_the_page_names_every_licence_and_no_affiliation():
    page = text_of("about")
    for words in ("Apache License 2.0", "CC BY 4.0", "LGPL", "MPL 2.0", "MIT", "not affiliated with Alibaba or T-Head"):
        assert words in page


def test_the_foot_of_a_page_says_version_date_and_licences(build):
    built = build({"index": "# Book\n", "about": "# About\n"}, ["book_facts"], html_theme="sphinx_book_theme",
                  templates_path=[str(BOOK / "_templates")],
                  html_theme_options={"footer_content_items": ["book-facts.html"]})
    foot = re.search(r'<p class="book-facts">(.*?)</p>', built.pages["index"], re.S)[1]
    assert f"Version {PROJECT['version']}, facts as of" in foot and f'datetime="{FACTS_AS_OF}"' in foot
    assert "Not affiliated with Alibaba or T-Head" in foot and "CC BY 4.0" in foot


def test_no_page_loads_the_stock_search_or_the_script_of_icons(build):
    built = build({"index": "# Book\n", "about": "# About\n"}, ["book_facts"], html_theme="sphinx_book_theme",
                  templates_path=[str(BOOK / "_templates")])
    scripts = re.findall(r'<script[^>]* src="([^"?]*)', built.pages["index"])
    assert any("bootstrap.js" in script for script in scripts)
    assert not any(name in script for script in scripts for name in ("fontawesome", "searchtools", "searchindex"))


def test_the_version_s_home_is_pyproject(monkeypatch):
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    monkeypatch.setattr(sys, "path", [str(BOOK / "_ext"), *sys.path])
    spec = importlib.util.spec_from_file_location("book_facts", BOOK / "_ext" / "book_facts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.version() == PROJECT["version"]

"""The glossary's Chinese terms, the search page, and what pagefind is given to read."""

import asyncio
import gzip
import json
import re

import pytest

from tests.test_book import text_of

GLOSSARY = """# Glossary

```{glossary}
pseudo-channel
伪通道
  Half of a channel.

row
行
  What one activate brings within reach.
```
"""
SEARCH = """# Search

```{search}
Words or a phrase
```

```{search-terms}
```
"""


@pytest.fixture
def site(build):
    pages = {"index": "# Book\n\nOf a {term}`pseudo-channel` and of a {term}`行`.\n", "glossary": GLOSSARY}
    return build({**pages, "search": SEARCH, "genindex": "# Index\n"}, ["glossary", "search_page"])


def test_the_small_book_has_no_warning(site):
    assert site.warnings == ""


def test_a_chinese_term_says_its_language_and_an_english_one_does_not(site):
    page = site.pages["glossary"]
    assert re.search(r'<dt[^>]*lang="zh-Hans"[^>]*>伪通道', page)
    assert not re.search(r'<dt[^>]*lang="zh-Hans"[^>]*>pseudo-channel', page)


def test_chinese_terms_share_one_heading_of_the_index(site):
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", site.pages["genindex"]) == ["P", "R", "中文"]


def test_the_search_page_lists_every_name_with_its_anchor(site):
    listed = re.search(r'<ul[^>]* id="search-terms">(.*?)</ul>', site.pages["search"], re.S)[1]
    assert re.findall(r'href="(glossary\.html#[^"]*)"', listed) == ["glossary.html#term-pseudo-channel",
                                                                     "glossary.html#term-row"]
    assert listed.count('lang="zh-Hans"') == 2 and "伪通道" in listed


def test_the_search_field_has_its_label_and_leads_to_the_page_without_script(site):
    page = site.pages["search"]
    assert '<label for="search-text">Words or a phrase</label>' in page
    assert 'action="search.html" method="get"' in page and '<p id="search-status" role="status">' in page


def test_a_term_added_to_the_glossary_reaches_the_search_page(site, build):
    more = GLOSSARY.replace("row\n", "bank\n存储体\n  Rows.\n\nrow\n")
    assert "存储体" in build({"glossary": more}, ["glossary", "search_page"]).pages["search"]


def test_sphinx_writes_no_search_index_of_its_own(site, tmp_path):
    assert not (tmp_path / "html" / "searchindex.js").exists()
    assert (tmp_path / "html" / "pagefind" / "pagefind.js").exists()


def test_pagefind_gets_the_anchor_of_a_section_on_its_heading(build):
    search_page = extension("search_page", build)
    html = '<article class="bd-article"><section id="a">\n<h2>A</h2></section><section id="b"><p>x</p></section>'
    assert '<section>\n<h2 id="a">A</h2>' in search_page.indexable("chapter", html)
    assert 'id="b"' in search_page.indexable("chapter", html)


def test_long_lists_weigh_less_than_chapters(build):
    search_page = extension("search_page", build)
    html = '<article class="bd-article" role="main">'
    assert search_page.indexable("chapter", html) == html
    assert 'data-pagefind-weight="0.2"' in search_page.indexable("api_hdl", html)


def extension(name, build):
    """A module of book/_ext; `build` puts the folder on the path, or skips where Sphinx is not installed."""
    return __import__(name)


def test_code_and_navigation_stay_out_of_the_index(build, tmp_path):
    search_page = extension("search_page", build)
    page = ('<html lang="en"><body><nav>zebra</nav><article class="bd-article"><h1>Title</h1><p>giraffe</p>'
            '<div class="cell_output"><pre>walrus</pre></div></article></body></html>')
    asyncio.run(search_page.write_index({"a.html": page}, tmp_path / "pagefind"))
    entry = json.loads((tmp_path / "pagefind" / "pagefind-entry.json").read_text(encoding="utf-8"))
    assert entry["languages"]["en"]["page_count"] == 1
    fragment = next((tmp_path / "pagefind" / "fragment").glob("*.pf_fragment")).read_bytes()
    text = gzip.decompress(fragment).decode()
    assert "giraffe" in text and "zebra" not in text and "walrus" not in text


def entries_of(page: str) -> list[list[str]]:
    body = re.search(r"```\{glossary\}\n(.*?)\n```", page, re.S)[1]
    return [[line for line in entry.splitlines() if not line.startswith("  ")] for entry in body.split("\n\n")]


def test_every_entry_of_the_book_has_an_english_and_a_chinese_name():
    entries = entries_of(text_of("glossary"))
    assert len(entries) > 60
    for names in entries:
        assert len(names) == 2, names
        assert not re.search("[\u4e00-\u9fff]", names[0]) and re.search("[\u4e00-\u9fff]", names[1]), names


def test_the_entries_stand_in_order_and_once():
    english = [names[0].lower() for names in entries_of(text_of("glossary"))]
    chinese = [names[1] for names in entries_of(text_of("glossary"))]
    assert english == sorted(english) and len(set(chinese)) == len(chinese)



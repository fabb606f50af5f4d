"""Numbers in the text: kept by a cell of this or another page, or held by zhenwu/spec; nothing else passes."""

import json
import re
from html import escape

import pytest

from zhenwu.spec import m890

NARROW = "\N{NARROW NO-BREAK SPACE}"


def kept(name: str, value: int, key: str = "") -> str:
    """What a cell shows that keeps a number."""
    number = dict(name=name, value=value, text=f"{value:,}", unit="CK", kind="derived", source="<us>", key=key)
    line = f'<div class="kept-line" id="kept-{name}" data-number="{escape(json.dumps(number))}">...</div>'
    return f"```{{raw}} html\n{line}\n```\n"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("\N{NO-BREAK SPACE}", " ").replace(NARROW, " ")


def test_a_number_kept_on_the_page_has_its_badge_and_a_value_has_none(build):
    page = f"# T\n\n{kept('took', 1438)}\nIt takes {{number}}`took`, just {{value}}`took`.\n"
    built = build({"index": page}, ["number_role"])
    assert built.warnings == ""
    assert "It takes 1,438 CK derived, just 1,438 CK." in words(built.pages["index"])
    badge = r'class="kind kind-derived[^>]* href="#kept-took" title="derived: &lt;us&gt;"'
    assert re.search(badge, built.pages["index"])


def test_another_page_s_number_is_quoted_and_follows_when_it_changes(build):
    index = "# T\n\nIt takes {number}`other:took`.\n"
    first = build({"index": index, "other": f"# O\n\n{kept('took', 1438)}"}, ["number_role"])
    assert "It takes 1,438 CK" in words(first.pages["index"])
    assert 'href="other.html#kept-took"' in first.pages["index"]
    second = build({"other": f"# O\n\n{kept('took', 99)}"}, ["number_role"])
    assert "It takes 99 CK" in words(second.pages["index"]) and second.warnings == ""


def test_a_value_of_spec_leads_to_the_page_of_values(build):
    built = build({"index": "# T\n\nIt has {number}`m890.memory_capacity`.\n", "values": "# V\n"}, ["number_role"])
    fact = m890.MEMORY_CAPACITY
    assert f"It has {fact.value} {fact.unit} {fact.kind}." in words(built.pages["index"]) and built.warnings == ""
    assert 'href="values.html#value-m890-memory_capacity"' in built.pages["index"]


def test_a_range_and_an_unknown_value_are_said_as_such(build):
    page = "# T\n\n{value}`m890.hbm_bandwidth_range`, {value}`m890.hbm_bandwidth`.\n"
    built = build({"index": page}, ["number_role"])
    low, high = m890.HBM_BANDWIDTH_RANGE.value
    assert f"{low} to {high} TB/s, not published." in words(built.pages["index"])


@pytest.mark.parametrize("key", ["tok", "other:tok", "nowhere:took", "m890.memory"])
def test_a_key_that_nothing_holds_is_named_with_file_and_line(build, key):
    pages = {"index": f"# T\n\nIt\nis {{number}}`{key}`.\n", "other": f"# O\n\n{kept('took', 1)}"}
    for _ in range(2):
        built = build(pages, ["number_role", "fresh"])
        assert re.search(rf"index\.md:3: WARNING: number {key}: nothing holds it", built.warnings), built.warnings


def test_a_name_kept_twice_is_refused(build):
    built = build({"index": f"# T\n\n{kept('took', 1)}\n{kept('took', 2)}"}, ["number_role"])
    assert "number took: kept twice on this page" in built.warnings


def test_a_sentence_may_break_where_a_number_may_not(build):
    lines = kept("took", 1438) + "\n" + kept("said", 1)
    sentence = lines.replace("&quot;text&quot;: &quot;1&quot;", "&quot;text&quot;: &quot;one of three or so&quot;")
    assert sentence != lines
    built = build({"index": f"# T\n\n{sentence}\n{{number}}`took` {{number}}`said`\n"}, ["number_role"])
    assert 'class="kept words">one of three or so' in built.pages["index"]
    assert 'class="kept">1,438' in built.pages["index"]

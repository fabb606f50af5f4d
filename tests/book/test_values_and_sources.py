"""The page of values and the bibliography: nothing of the spec is left out, and every link between them has its end."""

import re

import pytest

from zhenwu.spec.assumptions import Home, homes
from zhenwu.spec.sourced import Source, Sourced

VALUES = "# Values\n\n```{values}\n```\n"
SOURCES = "# Bibliography\n\n```{sources}\n```\n"
EXTENSIONS = ["number_role", "sources_list", "values_list"]


@pytest.fixture
def site(build):
    index = "# Book\n\nSee {source}`ocp-mx`, {source}`a paper <mma-sim>` and {number}`m890.memory_capacity`.\n"
    return build({"index": index, "values": VALUES, "bibliography": SOURCES}, EXTENSIONS)


def ids(page: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', page)


def test_every_key_of_the_spec_has_its_anchor_once(site):
    wanted = {"value-" + home.entry.key.replace(".", "-") for home in homes() if home.entry.key}
    anchors = [anchor for anchor in ids(site.pages["values"]) if anchor.startswith("value-")]
    assert site.warnings == "" and set(anchors) == wanted and len(anchors) == len(wanted)


def test_links_between_the_pages_have_an_end(site):
    for page in site.pages.values():
        for target, anchor in re.findall(r'href="(values|bibliography)\.html#([^"]+)"', page):
            assert anchor in ids(site.pages[target]), f"{target}.html#{anchor}"
    for anchor in re.findall(r'href="#(value-[^"]+)"', site.pages["values"]):
        assert anchor in ids(site.pages["values"]), anchor


def test_a_value_shows_its_kind_its_source_and_what_it_was_made_of(site):
    entries = re.split(r"<dt", site.pages["values"])
    entry = next(part for part in entries if 'id="value-m890-interchip_one_way"' in part)
    assert "400 GB/s" in entry and "kind-derived" in entry and 'href="#value-m890-interchip_bandwidth"' in entry
    unknown = next(part for part in entries if 'id="value-m890-power"' in part)
    assert "not published" in unknown and 'href="bibliography.html#source-stack-summary"' in unknown


def test_every_source_of_a_value_is_in_the_bibliography(site):
    listed = site.pages["bibliography"]
    for home in homes():
        for source in home.entry.source:
            if source.url:
                assert f'href="{source.url.replace("&", "&amp;")}"' in listed, source.title


def test_the_standards_and_papers_that_the_text_cites_are_there(site):
    wanted = {"source-ocp-mx", "source-ieee-754", "source-jesd238", "source-mma-sim"}
    assert wanted <= set(ids(site.pages["bibliography"]))
    assert 'href="bibliography.html#source-mma-sim">a paper</a>' in site.pages["index"]


def test_a_source_that_nobody_knows_ends_the_build_with_its_place(build):
    built = build({"index": "# Book\n\nAs {source}`ocp-mz` says.\n", "bibliography": SOURCES}, EXTENSIONS[1:2])
    assert "index.md:3: WARNING: source ocp-mz: no such entry; expected a name" in built.warnings


def test_a_source_that_stands_beside_its_value_is_listed_and_a_reason_is_not(build, monkeypatch):
    import sources_list

    beside = Source("A page: read once", "https://example.org/page", "2026")
    entries = (Sourced(1, "", beside, "reported"), Sourced(2, "", "ours", "assumed"))
    monkeypatch.setattr(sources_list, "homes", lambda: [Home("m", "A", "", entry) for entry in entries])
    listed = sources_list.bibliography.__wrapped__()
    assert listed["a-page-read-once"] == beside and "ours" not in {entry.title for entry in listed.values()}

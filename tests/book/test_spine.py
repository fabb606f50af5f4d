"""The spine in the pages: ladders, claims and contents follow the tables, and a gap between them is named."""

import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from zhenwu.spec import chapters, claims

CHAPTERS = {chapter.stem: chapter for chapter in chapters.CHAPTERS}
ASKS, COUNTED, AGENT, FOUR, DOT, ARRAY, MOVER, CELL, SLICE = (CHAPTERS[stem] for stem in (
    "what_an_agent_asks", "transformer_counted", "a_small_agent", "numbers_in_four_bits", "exact_dot_product",
    "mac_array", "sequencer_and_mover", "hbm3_from_the_cell_up", "matmul_on_a_slice"))
ASKED = (  # what the tables quote of that page
    "step_gb", "context", "output", "reused", "kv_gb", "held", "once_most", "alive_least", "busy_least", "busy_most",
    "long_busy", "compacting",
)
PLANNED = CHAPTERS["proof_and_gates"]
SPEC = Path(claims.__file__).parent


def kept(*names: str) -> str:
    """What a page's cells show that keep these numbers."""
    number = dict(value=7, text="7", unit="", kind="derived", source="us", key="")
    lines = [
        f'<div class="kept-line" id="kept-{name}" data-number="{escape(json.dumps(number | {"name": name}))}"></div>'
        for name in names
    ]
    return "".join(f"```{{raw}} html\n{line}\n```\n\n" for line in lines)


def chapter_page(chapter: chapters.Chapter, *names: str) -> str:
    return f"# {chapter.title}\n\n```{{ladder}}\n```\n\n{kept(*names)}"


BOOK = {
    "index": "# T\n\n## Chapters\n\n```{contents}\n```\n",
    "claims": "# C\n\n## The claims\n\n```{claims}\n```\n",
    ASKS.stem: chapter_page(ASKS, *ASKED),
    COUNTED.stem: chapter_page(COUNTED, "per_byte"),
    AGENT.stem: chapter_page(AGENT, "parameters", "left_fp32", "left_even"),
    FOUR.stem: chapter_page(FOUR, "block_bytes"),
    DOT.stem: chapter_page(DOT, "row_rtl", "error"),
    ARRAY.stem: chapter_page(ARRAY, "panel_steps", "bf16_longer", "rows_least"),
    MOVER.stem: chapter_page(MOVER, "lines"),
    CELL.stem: chapter_page(CELL, "layer_rows"),
    SLICE.stem: chapter_page(SLICE, "took", "dear"),
}


def line_of(file: str, name: str) -> int:
    """The line on which the entry with this name begins: the one before its name."""
    lines = (SPEC / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(f'        "{name}",'))


def rows(html: str) -> dict[str, str]:
    """The ladder's names and what stands beside each."""
    ladder = re.search(r'<nav[^>]*class="ladder">.*?</nav>', html, re.S)[0]
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", ladder, re.S))


def test_a_whole_book_has_no_warning(build):
    assert build(BOOK, ["spine"]).warnings == ""


def test_a_ladder_says_where_a_chapter_stands(build):
    html = build(BOOK, ["spine"]).pages[DOT.stem]
    assert tuple(re.findall(r'<li aria-current="step" class="here"><p>(.*?)</p>', html)) == DOT.rungs
    assert re.findall(r'<nav aria-labelledby="(.*?)" class="ladder">', html) == ["where-this-chapter-stands"]
    assert html.count('id="where-this-chapter-stands"') == 1
    for claim in DOT.claims:
        assert f'href="claims.html#claim-{claim.id}"' in rows(html)["Serves"]


def test_the_number_of_the_page_itself_is_folded_and_the_one_received_is_not(build):
    pages = build(BOOK, ["spine"]).pages
    following = next(each for each in chapters.CHAPTERS if each.received.key == DOT.handed_on.key)
    handed, received = rows(pages[DOT.stem])["Hands on"], rows(pages[following.stem])["Receives"]
    assert re.search(r'<details>.*href="#kept-row_rtl"', handed, re.S)
    assert 'href="exact_dot_product.html#kept-row_rtl"' in received and "<details>" not in received


def test_what_a_chapter_needs_is_a_link_once_it_is_written(build):
    without = build({name: text for name, text in BOOK.items() if name != DOT.stem}, ["spine"])
    assert rows(without.pages[SLICE.stem])["Needs"] == f"<p>{DOT.title} <em>(planned)</em></p>\n"
    assert f'href="{DOT.stem}.html"' in rows(build(BOOK, ["spine"]).pages[SLICE.stem])["Needs"]


def test_every_claim_has_its_card_with_verdict_words_and_chapters(build):
    html = build(BOOK, ["spine"]).pages["claims"]
    cards = re.findall(r'<li id="claim-(.*?)">(.*?)(?=<li id="claim-|</section>)', html, re.S)
    assert [anchor for anchor, _ in cards] == [claim.id for claim in claims.CLAIMS]
    for claim, (_, card) in zip(claims.CLAIMS, cards, strict=True):
        assert f">{claim.verdict}</p>" in card
        for source in claim.sources[1:]:
            assert source.url is None or f'href="{escape(source.url)}"' in card
        for key in (*claim.figure, *(fact.key for fact in claim.facts)):
            assert f"<span class=\"pre\">{key}</span>" in card
        for stem in claim.chapters:
            planned = f"{escape(CHAPTERS[stem].title, quote=False)} <em>(planned)</em>".replace("'", "’")
            assert (f'href="{stem}.html"' in card) == (stem in BOOK)
            assert (planned in card) == (stem not in BOOK)


def test_the_contents_list_a_chapter_as_planned_until_its_page_is_there(build):
    first = build(BOOK, ["spine"]).pages["index"]
    assert f"{PLANNED.title} <em>(planned)</em>" in first and f'href="{DOT.stem}.html"' in first
    second = build({PLANNED.stem: f"# {PLANNED.title}\n"}, ["spine"])
    assert f'href="{PLANNED.stem}.html"' in second.pages["index"]
    assert f"{PLANNED.title} <em>(planned)</em>" not in second.pages["index"] + second.pages["claims"]


def planted(monkeypatch: pytest.MonkeyPatch, name: str, **change: object) -> None:
    """The table of claims, with one of them changed."""
    changed = [replace(claim, **change) if claim.id == name else claim for claim in claims.CLAIMS]
    monkeypatch.setattr(claims, "CLAIMS", tuple(changed))


@pytest.mark.parametrize(("stems", "named"), [((), "none"), ((DOT.stem, "nowhere"), "nowhere")])
def test_a_claim_without_a_chapter_or_with_an_unknown_one_is_named(build, monkeypatch, stems, named):
    planted(monkeypatch, "native-fp4", chapters=stems)
    built = build(BOOK, ["spine", "fresh"])
    where = f"{SPEC / 'claims_chip.py'}:{line_of('claims_chip.py', 'native-fp4')}: WARNING"
    assert f"{where}: claim native-fp4 names chapter {named}: expected stems" in built.warnings
    assert "claim native-fp4" in build(BOOK, ["spine", "fresh"]).warnings  # a second build finds it again


def test_a_chapter_that_serves_no_claim_is_named(build, monkeypatch):
    monkeypatch.setattr(claims, "CLAIMS", tuple(c for c in claims.CLAIMS if DOT.stem not in c.chapters))
    where = f"{SPEC / 'chapters.py'}:{line_of('chapters.py', DOT.stem)}: WARNING"
    assert f"{where}: chapter {DOT.stem} serves no claim" in build(BOOK, ["spine"]).warnings


def test_an_unknown_number_of_a_claim_is_named_where_the_table_has_it(build, monkeypatch):
    planted(monkeypatch, "native-fp4", figure=("m890.fp5_format",), remark="It has {number}`nowhere:bits`.")
    warnings = build(BOOK, ["spine"]).warnings
    where = re.escape(f"{SPEC / 'claims_chip.py'}:{line_of('claims_chip.py', 'native-fp4')}")
    for key in ("m890.fp5_format", "nowhere:bits"):
        assert re.search(rf"{where}: WARNING: number {key}: nothing holds it", warnings), warnings


def test_a_page_among_the_chapters_without_an_entry_is_named(build, tmp_path):
    toc = "root: index\nsubtrees:\n- caption: The question\n  entries:\n  - file: claims\n"
    toc += f"- caption: The chip\n  entries:\n  - file: {DOT.stem}\n  - file: {SLICE.stem}\n  - file: stray\n"
    (tmp_path / "source" / "_toc.yml").write_text(toc, encoding="utf-8")
    warnings = build(BOOK | {"stray": "# S\n"}, ["sphinx_external_toc", "spine"]).warnings
    faults = [line for line in warnings.splitlines() if "toctree" not in line]
    assert len(faults) == 1 and re.search(r"stray\.md:1: WARNING: page stray: expected a Chapter", faults[0]), warnings


def test_a_page_with_another_title_than_the_table_s_is_named(build):
    page = BOOK[DOT.stem].replace(DOT.title, "Another title")
    warnings = build(BOOK | {DOT.stem: page}, ["spine"]).warnings
    assert f'{DOT.stem}.md:1: WARNING: chapter {DOT.stem} has the title "Another title"' in warnings


def test_a_ladder_on_a_page_that_is_no_chapter_is_named(build):
    warnings = build({"index": "# T\n\n```{ladder}\n```\n", "claims": BOOK["claims"]}, ["spine"]).warnings
    assert re.search(r"index\.md:3: .*ladder on page index: expected a chapter", warnings), warnings

"""The registry of chapters: the whole book as planned, and a running example that is handed from page to page."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.spec.test_claims import held, kept
from tests.test_book import PAGES, typed_numbers
from zhenwu.spec.chapters import APPENDICES, ASIDE, CHAPTERS, PARTS, RUNGS

RENAMED = {"The array, its utilisation and its energy": "The array and its utilisation"}  # book/decisions.md says why
BY_STEM = {chapter.stem: chapter for chapter in CHAPTERS}
MAIN = [chapter for chapter in CHAPTERS if chapter.part != APPENDICES]
WRITTEN = [chapter for chapter in MAIN if chapter.stem in PAGES]


def test_no_two_chapters_share_a_stem_or_a_title():
    assert len(BY_STEM) == len({chapter.title for chapter in CHAPTERS}) == len(CHAPTERS)


def test_chapters_stand_in_the_order_of_the_parts():
    parts = [chapter.part for chapter in CHAPTERS]
    assert list(dict.fromkeys(parts)) == list(PARTS)
    assert parts == sorted(parts, key=PARTS.index)


def test_the_chapters_are_those_of_the_plan(shared):
    plan = (shared / "book.md").read_text(encoding="utf-8")
    planned = []
    for part, row in re.findall(r"^\| [IV]+ (.*?) \| (.*?) \|$", plan, re.M):
        titles = [re.sub(r" \(.*?\)", "", title).strip() for title in row.split("·")]
        planned += [(part, title[0].upper() + title[1:]) for title in titles]
    planned = [(part, RENAMED.get(title, title)) for part, title in planned]
    assert planned == [(chapter.part, chapter.title) for chapter in MAIN if chapter.stem not in ASIDE]


def test_an_unknown_rung_or_part_is_refused():
    chapter = CHAPTERS[0]
    with pytest.raises(ValueError, match=f"{chapter.stem} stands on attic: expected rungs among {RUNGS[0]}"):
        replace(chapter, rungs=("RTL", "attic"))
    with pytest.raises(ValueError, match=f"{chapter.stem} stands on no rung"):
        replace(chapter, rungs=())
    with pytest.raises(ValueError, match=f'{chapter.stem} is in part "The end": expected one of {PARTS[0]}'):
        replace(chapter, part="The end")


def test_every_rung_has_a_chapter():
    assert {rung for chapter in MAIN for rung in chapter.rungs} == set(RUNGS)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=BY_STEM)
def test_what_a_chapter_needs_comes_before_it_or_is_an_appendix(chapter):
    stems = [need for need in chapter.needs if re.fullmatch(r"\w+", need)]
    order = list(BY_STEM)
    assert set(stems) <= set(order)
    before = [s for s in stems if BY_STEM[s].part == APPENDICES or order.index(s) < order.index(chapter.stem)]
    assert before == stems


@pytest.mark.parametrize("chapter", CHAPTERS, ids=BY_STEM)
def test_no_number_is_typed_in_what_is_handed_over(chapter):
    assert typed_numbers(f"{chapter.received.words}\n\n{chapter.handed_on.words}\n") == []


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.stem)
def test_a_written_chapter_hands_on_a_number_that_its_page_keeps(chapter):
    page, _, name = chapter.handed_on.key.partition(":")
    assert page == chapter.stem and name in kept(page)
    assert chapter.minutes > 0


def test_each_written_chapter_receives_the_number_that_the_last_one_handed_on():
    path = [chapter for chapter in WRITTEN if chapter.stem not in ASIDE]
    assert len(path) >= 2
    for before, after in pairwise(path):
        assert after.received.key == before.handed_on.key
    assert held(WRITTEN[0].received.key)


@pytest.mark.parametrize("stem", ASIDE)
def test_a_chapter_beside_the_path_takes_a_number_from_it(stem):
    assert held(BY_STEM[stem].received.key) and BY_STEM[stem].received.key.partition(":")[0] in BY_STEM[stem].needs


def test_a_planned_chapter_promises_neither_numbers_nor_minutes():
    planned = [chapter for chapter in MAIN if chapter not in WRITTEN]
    assert {(c.received.key, c.handed_on.key, c.minutes) for c in planned} == {("", "", 0)}

"""The article's claims: each says in our words what it is, who says so, and what its verdict rests on."""

import re
from dataclasses import replace

import pytest

from tests.test_book import CHAPTERS as WRITTEN
from tests.test_book import PAGES, calls, text_of, typed_numbers
from zhenwu.spec import chapters, roadmap
from zhenwu.spec.assumptions import homes
from zhenwu.spec.claim import IN_PART, OPEN, SETTLED, TOPICS, UNTESTABLE
from zhenwu.spec.claims import CLAIMS, served_by
from zhenwu.spec.sources import ARTICLE

SPEC = {home.entry.key: home.entry for home in homes() if home.entry.key}
BY_ID = {claim.id: claim for claim in CLAIMS}
SETTLED_CLAIM = BY_ID["native-fp4"]


def kept(page: str) -> set[str]:
    """The names of the numbers that a page's cells keep."""
    return {call.args[0].value for call in calls(text_of(page), ("keep",))} if page in PAGES else set()


def quoted(text: str) -> list[str]:
    return re.findall(r"\{(?:number|value)\}`([^`]+)`", text)


def held(key: str) -> bool:
    page, _, name = key.rpartition(":")
    return key in SPEC if "." in key else name in kept(page)


def test_every_claim_is_the_article_s():
    assert all(ARTICLE in claim.sources for claim in CLAIMS)


def test_no_two_claims_share_an_id_or_a_name():
    assert len(BY_ID) == len({claim.name for claim in CLAIMS}) == len(CLAIMS)


def test_every_topic_of_the_article_has_claims_in_the_article_s_order():
    topics = [claim.topic for claim in CLAIMS]
    assert list(dict.fromkeys(topics)) == list(TOPICS) and topics == sorted(topics, key=TOPICS.index)


@pytest.mark.parametrize("claim", CLAIMS, ids=BY_ID)
def test_every_number_of_a_claim_is_held_somewhere(claim):
    keys = [*claim.figure, *quoted(claim.words), *quoted(claim.remark), *(fact.key for fact in claim.facts)]
    assert [key for key in keys if not held(key)] == []


@pytest.mark.parametrize("claim", CLAIMS, ids=BY_ID)
def test_no_number_is_typed_in_a_claim(claim):
    assert typed_numbers(f"{claim.words}\n\n{claim.remark}\n") == []


@pytest.mark.parametrize("claim", CLAIMS, ids=BY_ID)
def test_a_settled_claim_rests_on_more_than_unknown_values(claim):
    known = [key for key in claim.figure if key not in SPEC or SPEC[key].kind != "unknown"]
    assert known or claim.verdict not in SETTLED


def test_every_chapter_serves_a_claim_and_every_claim_has_chapters():
    stems = {chapter.stem for chapter in chapters.CHAPTERS}
    assert all(claim.chapters and set(claim.chapters) <= stems for claim in CLAIMS)
    main = [chapter for chapter in chapters.CHAPTERS if chapter.part != chapters.APPENDICES]
    assert [chapter.stem for chapter in main if not served_by(chapter.stem)] == []


def test_the_claims_page_gives_no_prediction_away():
    """What a chapter asks its reader to guess is not told before."""
    asked = {f"{page}:{name}" for page in WRITTEN for name in re.findall(r"```\{predict\} (\w+)", text_of(page))}
    told = {key for claim in CLAIMS for key in (*claim.figure, *quoted(claim.words), *quoted(claim.remark))}
    assert asked and asked & told == set()


def test_a_newer_date_stands_beside_the_article_s():
    claim = BY_ID["v900-date"]
    assert claim.figure == (roadmap.V900_DATE_MAY.key, roadmap.V900_DATE_SEPT.key)
    assert "newer" in claim.remark and roadmap.V900_DATE_MAY.value != roadmap.V900_DATE_SEPT.value


def test_the_causal_claims_are_there_and_open():
    causal = ["agent-not-batch", "codesign-wins", "reason-for-capacity", "reason-for-bandwidth", "reason-for-fp4"]
    assert {BY_ID[name].verdict for name in causal} == {OPEN}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verdict": "true"}, 'native-fp4 has verdict "true": expected one of holds'),
        ({"topic": "chips"}, 'native-fp4 has topic "chips": expected one of The chip'),
        ({"figure": ()}, "native-fp4 holds without a figure: expected a key"),
        ({"figure": (), "verdict": IN_PART}, "native-fp4 holds in part without a figure: expected a key"),
        ({"verdict": OPEN}, "native-fp4 is open with figure m890.fp4_format: expected no figure"),
        ({"sources": ()}, "native-fp4 names no source: expected who says so"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(change, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        replace(SETTLED_CLAIM, **change)


def test_what_cannot_be_tested_may_have_a_figure_or_none():
    for figure in (SETTLED_CLAIM.figure, ()):
        assert replace(SETTLED_CLAIM, verdict=UNTESTABLE, figure=figure).figure == figure


def test_a_fact_that_is_the_figure_is_not_listed_twice():
    fact = SPEC["m890.fp4_format"]
    assert fact not in replace(SETTLED_CLAIM, facts=(fact,)).other_facts()
    assert replace(SETTLED_CLAIM, facts=(fact,), figure=("m890.mma_shapes",)).other_facts() == (fact,)

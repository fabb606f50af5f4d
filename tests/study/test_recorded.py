"""Sessions chosen because they show something: the first that does, of a bounded number, and told if none does."""

from dataclasses import replace

import pytest

from zhenwu.agent.mind import Format
from zhenwu.agent.replay import Step
from zhenwu.agent.session import Harness
from zhenwu.study import recorded
from zhenwu.study.cell import Voice
from zhenwu.study.recorded import WANTED, Wanted, catches, compacts, fails, fails_first_in, search, succeeds

SHORT = Harness(limit=128, calls=6)
ANY = Wanted("FP32", "anything", Voice(), lambda found: True)


def test_the_first_by_seed_is_taken_and_the_same_each_time():
    first, again = (search(ANY, SHORT, most=4) for _ in range(2))
    assert (first.session.seed, first.looked, first.found) == (recorded.FIRST_SEED, 1, True)
    assert first.session.transcript == again.session.transcript and len(first.steps) >= SHORT.calls


def test_a_later_one_is_taken_if_only_that_shows_it(monkeypatch):
    monkeypatch.setattr(recorded, "BATCH", 2)  # so that it lies in another batch
    wanted = replace(ANY, shows=lambda found: found[0].turn.session == recorded.FIRST_SEED + 3)
    found = search(wanted, SHORT, most=8)
    assert (found.session.seed, found.looked, found.found) == (recorded.FIRST_SEED + 3, 4, True)


def test_if_none_shows_it_what_comes_instead_is_said_to_be_another():
    never = replace(ANY, shows=lambda found: False)
    assert search(never, SHORT, most=3).session.seed == recorded.FIRST_SEED + 2
    second = replace(never, instead=lambda found: found[0].turn.session > recorded.FIRST_SEED)
    found = search(second, SHORT, most=4)
    assert (found.session.seed, found.looked, found.found) == (recorded.FIRST_SEED + 1, 4, False)


def test_what_a_session_does_hardly_depends_on_how_many_run_beside_it():
    alone, beside = search(ANY, SHORT, most=1), search(ANY, SHORT, most=16)
    assert alone.session.transcript == beside.session.transcript


def test_a_check_is_played_where_one_is_wanted():
    broken = Voice(how=Format(kv="mxfp4"))
    wanted = Wanted("checked", "a doubt", broken, lambda found: any(s.turn.doubted for s in found), checked=True)
    assert search(wanted, replace(SHORT, calls=12), most=64).found
    assert not search(replace(wanted, checked=False), SHORT, most=8).found


def step(said: str, right: str, first_wrong: bool = False) -> Step:
    whole = search(ANY, SHORT, most=1).steps[0]
    judged = replace(whole.turn, wrong=said != right, first_wrong=first_wrong)
    return replace(whole, turn=judged, said=said, right=right)


@pytest.fixture(scope="module")
def good() -> Step:
    return step("?ab734k", "?ab734k")


def test_what_is_looked_for_is_told_apart(good):
    total, ticket = step("?ab834k", "?ab734k"), step("?ab734x", "?ab734k")
    compaction, saved = step("=734k:cd;", "=734k:cd;"), step("?ab734k", "?ab734k", first_wrong=True)
    assert succeeds([good, compaction]) and not succeeds([good, total]) and fails([total])
    assert fails_first_in(recorded.COMPUTED)([good, total, ticket])
    assert not fails_first_in(recorded.COMPUTED)([ticket, total]) and not fails_first_in(recorded.COMPUTED)([good])
    assert compacts([compaction, good, compaction]) and not compacts([compaction, good])
    assert catches([good, saved]) and not catches([good, total])


def test_each_of_the_book_s_is_of_another_kind():
    assert len({wanted.title for wanted in WANTED}) == len({wanted.event for wanted in WANTED}) == len(WANTED) == 5

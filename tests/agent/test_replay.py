"""A session said once more: each step has the state it was said in, what was right there, and what came back."""

import pytest

from tests.agent.test_session import flawless, one_wrong_total, speak
from zhenwu.agent import replay
from zhenwu.agent.ledger import COMPACT, READ, answered, turn
from zhenwu.agent.replay import begins_with, slip, steps
from zhenwu.agent.session import Harness, Session


def played(kind: str = "carry", calls: int = 60, pages: int | None = None) -> Session:
    session = Session(5, Harness(kind, 128, calls=calls, pages=pages))
    flawless(session)
    return session


@pytest.mark.parametrize("kind", ["carry", "reset"])
def test_a_flawless_session_is_right_in_every_step(kind):
    session = played(kind)
    found = list(steps(session))
    assert len(found) == len(session.turns)
    assert all(step.said == step.right == turn(step.state) and step.slip == "" for step in found)
    assert begins_with(session).startswith("#")


def test_the_texts_of_the_steps_are_the_transcript():
    session = played()
    texts = [begins_with(session)]
    for step in steps(session):
        texts += [step.said, *([step.heard] if step.heard else [])]
    assert texts == session.transcript and sum(step.said[0] == COMPACT for step in steps(session)) > 1


def test_the_state_goes_from_step_to_step_by_the_rules():
    found = list(steps(played()))
    calls = [(one, other) for one, other in zip(found, found[1:], strict=False) if one.said[0] != COMPACT]
    assert calls and all(answered(one.state, one.said[0], one.heard) == other.state for one, other in calls)
    compactions = [(one, other) for one, other in zip(found, found[1:], strict=False) if one.said[0] == COMPACT]
    assert all(one.heard == "#" + one.said[1:] and other.turn.compactions == one.turn.compactions + 1
               for one, other in compactions)


def test_a_session_that_reports_ends_without_an_answer():
    last = list(steps(played(pages=2)))[-1]
    assert last.said.startswith(".") and last.heard == ""


def test_after_a_slip_the_steps_are_those_of_the_session_that_slipped():
    session = Session(1, Harness(calls=40))
    one_wrong_total(session)
    flawless(session)
    found = list(steps(session))
    assert [step.turn.wrong for step in found] == [step.said != step.right for step in found]
    assert found[0].slip == replay.TOTAL and not any(step.slip for step in found[1:])


def test_what_is_no_turn_at_all_is_said_again_too():
    session = Session(1, Harness(calls=8))
    speak(session, "a")  # no tool begins so
    flawless(session)
    first = next(steps(session))
    assert (first.said, first.slip) == ("a", replay.TOOL) and first.right[0] == READ


@pytest.mark.parametrize(("said", "right", "part"), [
    ("?ab734k", "?ab734k", ""),
    (">734k", "?ab734k", replay.TOOL),
    ("?xb734k", "?ab734k", replay.KEY_READ),
    ("?ax734k", "?ab734k", replay.KEY_READ),
    ("?ab834k", "?ab734k", replay.TOTAL),
    ("?ab744k", "?ab734k", replay.TOTAL),
    ("?ab735k", "?ab734k", replay.RETRIES),
    ("?ab734x", "?ab734k", replay.TICKET),
    (">735k", ">734k", replay.RETRIES),
    ("@734x", "@734k", replay.TICKET),
    (".74", ".73", replay.TOTAL),
    ("=734k:cd,ex;", "=734k:cd,ef;", replay.KEYS),
    ("=734k;", "=734k:cd,ef;", replay.KEYS),
    ("=744k:cd,ef;", "=734k:cd,ef;", replay.TOTAL),
    ("=734k:cd", "=734k:cd,ef;", replay.LENGTH),
])
def test_a_slip_is_named_by_the_part_in_which_it_begins(said, right, part):
    assert slip(said, right) == part

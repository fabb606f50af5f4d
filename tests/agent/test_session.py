"""A session without a model: whatever is said, the harness judges it, answers it and keeps the context in bounds."""

import random
from dataclasses import replace

import pytest

from zhenwu.agent.ledger import COMPACT, READ, answered, turn
from zhenwu.agent.session import STUCK, Harness, Session
from zhenwu.agent.symbols import IDS, SYMBOLS, decode
from zhenwu.agent.tools import KEYS, Habits, Tools

LIMITS = (64, 128, 256, 2000)


def speak(session: Session, text: str) -> None:
    """Say a text, after reading whatever there is to read."""
    for symbol in text:
        while session.queue:
            session.next_token()
        session.say(IDS[symbol])


def flawless(session: Session) -> None:
    while not session.done:
        speak(session, turn(session.expected))
        assert len(session.context) + len(session.queue) <= session.harness.limit


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("kind", ["carry", "reset"])
def test_an_agent_that_follows_the_rules_is_never_wrong_and_stays_within_its_context(kind, limit):
    session = Session(7, Harness(kind, limit, calls=600))
    flawless(session)
    assert session.tools.calls == 600
    assert not any(t.wrong for t in session.turns)
    assert sum(t.tool != COMPACT for t in session.turns) == 600
    assert (session.compactions > 3) == (kind == "carry")
    assert all(t.errors == t.errors_in_context == 0 for t in session.turns)


def test_a_session_of_so_many_pages_ends_with_the_report():
    session = Session(3, Harness(pages=3))
    flawless(session)
    assert session.transcript[-1].startswith(".") and session.turns[-1].tool == "."


def test_the_context_of_a_turn_is_what_the_agent_has_read_when_it_begins():
    session = Session(1, Harness(calls=5))
    while session.queue:
        session.next_token()
    start = len(session.context)
    speak(session, turn(session.expected))
    assert session.turns[0].context == start
    assert decode(session.context) == session.transcript[0] + session.transcript[1][:-1]


def one_wrong_total(session: Session) -> None:
    right = turn(session.expected)
    assert right[0] == READ
    wrong = right[:3] + str((int(right[3]) + 1) % 10) + right[4:]
    speak(session, wrong)


def test_after_a_wrong_total_what_goes_on_from_it_is_right():
    session = Session(1, Harness(calls=40))
    truth = Session(1, Harness(calls=40))
    one_wrong_total(session)
    flawless(session)
    flawless(truth)
    assert [t.wrong for t in session.turns] == [True] + [False] * (len(session.turns) - 1)
    assert session.turns[1].errors == session.turns[1].errors_in_context == 1
    assert (session.expected.total - truth.expected.total) % 100 == 1


def test_a_compaction_takes_the_wrong_turns_out_of_the_context():
    session = Session(1, Harness(calls=200))
    one_wrong_total(session)
    flawless(session)
    after = [t for t in session.turns if t.compactions > 0]
    assert after and all(t.errors == 1 and t.errors_in_context == 0 for t in after)


def test_a_compaction_is_what_the_agent_goes_on_from_right_or_wrong():
    session = Session(5, Harness(calls=500))
    while session.expected.due != COMPACT or not session.expected.keys:
        speak(session, turn(session.expected))
    right = turn(session.expected)
    speak(session, f"{right[:5]}:zz;")
    assert session.turns[-1].wrong and session.transcript[-1] == f"#{right[1:5]}:zz;"
    assert session.expected.keys == ("zz",) and session.errors_in_context == 1


def test_a_wrong_ticket_expires_and_a_new_one_is_asked_for():
    session = Session(1, Harness(calls=40))
    right = turn(session.expected)
    speak(session, right[:-1] + ("a" if right[-1] != "a" else "b"))
    assert session.transcript[-1] == "^"
    assert turn(session.expected).startswith("@")


@pytest.mark.parametrize("kind", ["carry", "reset"])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_said_a_session_ends_and_its_context_stays_in_bounds(kind, seed):
    """Symbols at random, some of the time: malformed turns, wrong tools, compactions nobody asked for."""
    draw = random.Random(seed)
    session = Session(seed, Harness(kind, (64, 256)[seed % 2], calls=150))
    said = 0
    while not session.done:
        while session.queue:
            session.next_token()
        right = session.right_symbol()
        symbol = right if right and draw.random() < 0.9 else draw.choice(SYMBOLS)
        session.say(IDS[symbol])
        said += 1
        assert len(session.context) + len(session.queue) <= session.harness.limit + 8
        assert said < 150 * 80
    assert any(t.wrong for t in session.turns)


def test_tools_repeat_with_their_seed_and_name_no_key_twice_in_a_context():
    first, again, other = (Tools(seed, Habits()) for seed in (1, 1, 2))
    assert first.brief() == again.brief() != other.brief()
    tools = Tools(4, Habits(longest_page=128))
    named = []
    while len(named) < 500:
        named += tools._page()
    assert len(set(named)) == len(named) <= len(KEYS)


def test_tools_are_busy_and_tickets_expire_as_often_as_their_habits_say():
    tools = Tools(1, Habits(busy=0.15, expires=0.05))
    answers = []
    for _ in range(20_000):
        answers.append(tools.answer(READ, tools.ticket))
        if answers[-1] == "^":
            tools.answer("@", "")
    assert abs(answers.count("~") / len(answers) - 0.15) < 0.01
    assert abs(answers.count("^") / len(answers) - 0.05) < 0.006


def test_a_ticket_that_has_expired_stays_so_until_there_is_a_new_one():
    tools = Tools(1, Habits(busy=0, expires=0))
    old = tools.ticket
    assert tools.answer(READ, "a" if old != "a" else "b") == "^"
    assert tools.answer(READ, old) == "^"
    fresh = tools.answer("@", old)
    assert tools.answer(READ, fresh)[0] in "+-"


def test_the_rules_and_the_harness_agree_on_what_is_due():
    session = Session(2, Harness(calls=300))
    state = session.expected
    while not session.done:
        text = turn(session.expected)
        speak(session, text)
        heard = session.transcript[-1]
        if text[0] == COMPACT:
            state = replace(state, due="")
        elif not session.done:
            state = answered(state, text[0], heard)
        if not session.done:
            assert state == session.expected


def test_an_agent_that_does_nothing_but_compact_comes_to_an_end():
    session = Session(1, Harness(calls=1))
    for _ in range(STUCK + 1):
        assert not session.done
        speak(session, "=;")
    assert session.done and session.tools.calls == 0

"""The task's rules: what the next turn must be, and what a turn says, right or wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.agent.ledger import COMPACT, PAGE, READ, REPORT, TICKET, State, answered, read_back, turn
from zhenwu.agent.symbols import LETTERS, SYMBOLS, VOCABULARY, decode, encode

START = State(37, 4, "k", ("ab", "cd"))
KEYS = st.lists(st.text(LETTERS, min_size=2, max_size=2), max_size=5, unique=True).map(tuple)
STATES = st.builds(State, st.integers(0, 99), st.integers(0, 9), st.sampled_from(LETTERS), KEYS)


@pytest.mark.parametrize(
    ("tool", "answer", "then"),
    [
        (READ, "+81", "?cd554k"),  # 37 + 18
        (READ, "-81", "?cd914k"),  # 37 - 18
        (READ, "-83", "?cd994k"),  # 37 - 38 goes round to 99
        (READ, "~", "?ab733k"),  # busy: a retry less, the same key
        (READ, "^", "@734k"),
        (TICKET, "m", "?ab734m"),
        (PAGE, "6:xy,zz;", "?xy736k"),
        (PAGE, "!", ".73"),
        (READ, "+81%", "=554k:cd;"),
        (READ, "~%", "=733k:ab,cd;"),
        (PAGE, "6:xy;%", "=736k:xy;"),
    ],
)
def test_the_turn_after_each_answer(tool, answer, then):
    assert turn(answered(START, tool, answer)) == then


def test_without_retries_a_busy_key_is_skipped():
    assert turn(answered(replace(START, retries=0), READ, "~")) == "?cd730k"


def test_a_page_that_is_done_asks_for_the_next():
    assert turn(answered(replace(START, keys=("ab",)), READ, "+00")) == ">734k"


@given(STATES, st.sampled_from(["", COMPACT, TICKET]))
def test_a_right_turn_read_back_is_the_state_it_was_written_in(state, due):
    assert read_back(turn(replace(state, due=due)), state) == state


def test_a_wrong_turn_read_back_is_the_agents_own_state():
    assert read_back("?cd994m", START) == State(99, 4, "m", ("cd",))
    assert read_back("?zz994m", START) == State(99, 4, "m", START.keys)  # a key that is not listed moves nothing
    assert read_back("=734k:zz;", START) == State(37, 4, "k", ("zz",))


@pytest.mark.parametrize(
    "text", ["", "a", "?ab73", "?ab7x4k", "?ab7344", "=734k:ab", "=734k:a;", "=734k", ".7", ".7x", "#"]
)
def test_what_is_no_turn_reads_back_as_nothing(text):
    assert read_back(text, START) is None


def test_a_report_reads_back_as_the_state_it_ends():
    assert read_back(REPORT + "73", START) == START


def test_every_symbol_has_one_token_of_the_vocabulary():
    assert len(set(SYMBOLS)) == len(SYMBOLS) <= VOCABULARY
    assert decode(encode(SYMBOLS)) == SYMBOLS


def test_a_character_outside_the_vocabulary_is_named():
    with pytest.raises(ValueError, match="'A': expected one of _abc"):
        encode("abA")

"""A trace as sessions and back, and as text and back."""

import numpy as np
import pytest

from zhenwu.agent.sessions import COLUMNS, AgentSession, sessions_of, trace_of
from zhenwu.agent.traces import TEXTS, Trace, read
from zhenwu.agent.write_trace import as_csv


def same(one: Trace, other: Trace) -> bool:
    columns = [(getattr(one, name), getattr(other, name)) for name in COLUMNS]
    return (one.sessions, list(one.first)) == (other.sessions, list(other.first)) and all(
        np.array_equal(a, b) if name in TEXTS else np.array_equal(a, b, equal_nan=True)
        for name, (a, b) in zip(COLUMNS, columns, strict=True)
    )


def test_a_trace_is_its_sessions_and_they_are_the_trace(small):
    sessions = sessions_of(small)
    assert [(each.name, len(each.turns)) for each in sessions] == [("b", 1), ("a", 3)]
    assert sessions[1].tool_wait_s == (7,)  # the hour was for a person, and what follows b's answer is not of b
    assert same(trace_of(sessions), small)


def test_any_sessions_make_a_trace(small):
    one = trace_of(sessions_of(small)[1:], "mine")
    assert (one.name, one.sessions, list(one.first)) == ("mine", ("a",), [0, 3])
    with pytest.raises(ValueError, match="session x has no turn; expected one at least"):
        trace_of([AgentSession("x", ())])


def test_a_trace_that_is_written_is_read_back(small, tmp_path):
    (tmp_path / "again.csv").write_text(as_csv(small))
    assert same(read(tmp_path / "again.csv"), small)


def test_the_recorded_trace_survives_both(recorded, tmp_path):
    (tmp_path / "again.csv").write_text(as_csv(trace_of(sessions_of(recorded))))
    assert same(read(tmp_path / "again.csv"), recorded)

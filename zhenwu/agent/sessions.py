"""A session as a record of its own, and a trace as a list of sessions and back."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from zhenwu.agent.traces import TEXTS, Trace

TOOL = "tool_use"  # how an answer ends that calls a tool


@dataclass(frozen=True, slots=True)
class Turn:
    """One request and its answer, as in a Trace: NaN and "" where nothing is known."""

    t_s: float
    in_tokens: float
    out_tokens: float
    prefix_hit_tokens: float
    think_time_s: float
    api_time_s: float
    tool_tokens: float
    system_tokens: float
    stop: str
    model: str


COLUMNS = tuple(field.name for field in fields(Turn))


@dataclass(frozen=True)
class AgentSession:
    """The turns of one session, in the order of time."""

    name: str
    turns: tuple[Turn, ...]

    @property
    def tool_wait_s(self) -> tuple[float, ...]:
        """Seconds from the end of each answer that calls a tool to the next request; NaN where not known."""
        pairs = zip(self.turns, self.turns[1:], strict=False)
        return tuple(after.think_time_s for turn, after in pairs if turn.stop == TOOL)


def sessions_of(trace: Trace) -> list[AgentSession]:
    """The sessions of a trace, in its order."""
    rows = list(zip(*(getattr(trace, name).tolist() for name in COLUMNS), strict=True))
    parts = zip(trace.sessions, trace.slices(), strict=True)
    return [AgentSession(name, tuple(Turn(*row) for row in rows[part])) for name, part in parts]


def trace_of(sessions: Sequence[AgentSession], name: str = "sessions") -> Trace:
    """The inverse of `sessions_of`: any sessions, so also a part of a trace's. ValueError if one has no turn."""
    empty = [each.name for each in sessions if not each.turns]
    if empty:
        raise ValueError(f"session {empty[0]} has no turn; expected one at least")
    turns = [turn for each in sessions for turn in each.turns]
    first = np.concatenate([[0], np.cumsum([len(each.turns) for each in sessions], dtype=np.int64)])
    kinds = {column: str if column in TEXTS else float for column in COLUMNS}
    columns = {column: np.array([getattr(turn, column) for turn in turns], kinds[column]) for column in COLUMNS}
    return Trace(name, tuple(each.name for each in sessions), first, **columns)

"""What the generator of sessions knows: fitted tables, and the numbers that tie them together.

A session is drawn from the outside in. First its *kind*: does it pass the limit at which others compact, and has it
answers whose time nobody knows? Then its *endurance*, its first context, and its *leanings*: whether this session adds,
writes and waits more than others. Then turn after turn:

    how the answer ends      a Markov chain of the kind
    context                  compacts, by a chance that depends on its length; or is trimmed a little; or grows
    growth, output, waits    a table each; where in it: the leaning, a mood that fades from turn to turn, and chance
    prefix reuse             all that stood there, in whole blocks; sometimes broken off
    time of the answer       a power law of output, context and new input, times a factor
    the end                  when the endurance is used up, of which each turn takes some; or at the context's limit
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhenwu.agent.sessions import AgentSession, sessions_of
from zhenwu.agent.spread import Spread

QUANTITIES = ("growth", "output", "tool wait", "other wait", "answer")  # of a turn; each has a leaning and a mood
OUTSIDE = ("endurance", "start")  # of a session
EARLY = (1, 2, 4, 8)  # turns, counted from 0, between which a session begins; from the last on it is under way
WAITS = (3, 33)  # turns, counted from 0, before which a wait lies: the first ones, those under way, late ones


@dataclass(frozen=True)
class Stop:
    """One way in which answers end: how long they are, and what follows."""

    name: str
    timed: bool  # whether the time of such an answer is known
    output: Spread  # tokens
    waits: tuple[Spread, ...]  # s until the next request, by WAITS; from the answer's end, or untimed from its request
    broken: float  # chance that the next request does not find all of the context before it


@dataclass(frozen=True)
class Limit:
    """What long contexts and long sessions lead to, by bands of the context and of the turn."""

    start: Spread  # the first context
    most: float  # no context is longer: a session that would pass it compacts or ends; 0: no such limit was seen
    compacts_there: float  # chance that it compacts
    contexts: tuple[float, ...]  # edges between bands; there is one band more
    compacts: tuple[float, ...]  # chance after a turn
    turns: tuple[float, ...]  # edges
    ends: tuple[tuple[float, ...], ...]  # [contexts, turns]: endurance that a turn uses up


@dataclass(frozen=True)
class Kind:
    """A kind of session. Chances of stops are in the order of `SessionModel.stops`."""

    share: float
    limit: int  # which of `SessionModel.limits`
    means: tuple[float, ...]  # scores, of OUTSIDE and QUANTITIES
    first: tuple[float, ...]  # chances of the first answer's stop
    chain: tuple[tuple[float, ...], ...]  # from each stop to the next


@dataclass(frozen=True)
class SessionModel:
    """All that was fitted. `as_text` and `from_text` turn it into JSON and back."""

    about: Mapping[str, str]
    links: Mapping[str, float]  # rank correlations of the recording, to compare with; none is used to draw
    clock_s: float  # times are whole multiples of it
    block: int  # tokens in which reuse is counted; 0: reuse is unknown
    most_requests: int  # of a session
    kinds: tuple[Kind, ...]
    limits: tuple[Limit, ...]
    spread: tuple[tuple[float, ...], ...]  # covariance of scores within a kind
    stops: tuple[Stop, ...]
    small: tuple[float, ...]  # edges between contexts that are small yet
    outputs: tuple[float, ...]  # edges between outputs
    growth: tuple[Spread, ...]  # tokens, by `growth_band`
    mood: tuple[float, ...]  # of QUANTITIES: variance of the part of a score that fades
    memory: tuple[float, ...]  # how much of it the next turn keeps
    rest: tuple[float, ...]  # variance of what is new in every turn
    together: tuple[tuple[float, ...], ...]  # correlation of that, between quantities
    compacted: Spread  # context after compaction, over the one before
    compacted_reuse: Spread  # share of that context that stood there before
    trim: float  # chance of a context a little smaller than before
    trimmed: Spread  # over the one before
    broken_reuse: Spread  # share of the context before that is found where not all is
    first_reuse: Spread  # share of a first context
    answer: tuple[float, ...]  # log seconds = a + b log output + c log context + d log new input
    answer_factor: Spread
    tools: Spread | None  # tokens of a session's tools and instructions, where the recording has them
    system: Spread | None
    hours: tuple[float, ...] = (0.0, 1.0)  # that a drawn session takes,
    stretch: tuple[float, ...] = (1.0, 1.0)  # and what its waits are stretched by then

    def generate(self, seed: int, sessions: int) -> list[AgentSession]:
        """So many sessions, the same for the same seed; `generate_trace` of zhenwu/agent/generate.py makes a Trace."""
        from zhenwu.agent.generate import generate_trace  # which needs this class

        return sessions_of(generate_trace(self, seed, sessions))

    def as_text(self) -> str:
        """As JSON, a quantity a line."""
        lines = [f'"{name}": {json.dumps(part, separators=(",", ":"))}' for name, part in asdict(self).items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"


def growth_band(
    small: Sequence[float], outputs: Sequence[float], turn: ArrayLike, context: ArrayLike, output: ArrayLike
) -> NDArray[np.int64]:
    """Which table of growth holds for a turn, by its number, counted from 0, and by the turn before it.

    A session begins in steps (EARLY), each by how small its context is yet. Under way, what was just written decides,
    as it is itself added; only a small context still has a table of its own.
    """
    size = np.searchsorted(small, context, "right")
    early = (np.searchsorted(EARLY, turn, "right") - 1) * (len(small) + 1) + size
    later = (len(EARLY) - 1) * (len(small) + 1) + np.where(size == 0, 0, 1 + np.searchsorted(outputs, output, "right"))
    return np.where(np.asarray(turn) < EARLY[-1], early, later)


def growth_bands(small: Sequence[float], outputs: Sequence[float]) -> int:
    """How many tables of growth there are."""
    return (len(EARLY) - 1) * (len(small) + 1) + len(outputs) + 2


def from_text(text: str) -> SessionModel:
    """The inverse of `as_text`."""
    parts = {name: _read(part) for name, part in json.loads(text).items()}
    for name, record in (("kinds", Kind), ("limits", Limit), ("stops", Stop)):
        parts[name] = tuple(record(**each) for each in parts[name])
    return SessionModel(**parts)


def _read(part: Any) -> Any:
    """Lists as tuples, and what has quantiles as a Spread."""
    if isinstance(part, list):
        return tuple(map(_read, part))
    if not isinstance(part, dict):
        return part
    inner = {name: _read(each) for name, each in part.items()}
    return Spread(**inner) if "quantiles" in inner else inner

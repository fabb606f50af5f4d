"""A session that was played, step by step: what was said, what was right, what came back; no model is needed again.

A session remembers its texts and how each turn was judged. What was right there, the state the agent was in and its
context follow from the rules, so the texts are said once more to a fresh session. Chapter: a small agent that works.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from zhenwu.agent.ledger import COMPACT, KEY, READ, State, turn
from zhenwu.agent.session import Session, Turn
from zhenwu.agent.symbols import IDS, SYMBOLS

TOOL, KEY_READ, TOTAL, RETRIES, TICKET, KEYS, LENGTH = (
    "the tool", "the key", "the total", "the retries", "the ticket", "the list of keys", "the length",
)
RETRIEVED = (KEY_READ, TICKET, KEYS)  # copied from the context; total and retries are computed
COMPUTED = (TOTAL, RETRIES)


@dataclass(frozen=True)
class Step:
    """One turn: `heard` is what came after it, empty at the end; a new context begins with `#`."""

    turn: Turn
    state: State  # in which it was said
    said: str
    right: str
    heard: str

    @property
    def slip(self) -> str:
        """What is wrong in it first, one of the names above; "" if nothing is."""
        return slip(self.said, self.right)


def begins_with(session: Session) -> str:
    """The context that the session began with."""
    return session.transcript[0]


def steps(session: Session) -> Iterator[Step]:
    """Yield the session's turns, in order."""
    again = Session(session.seed, session.harness)
    said = iter(session.transcript[1:])
    for judged in session.turns:
        text = next(said)
        state, known = again.expected, len(again.transcript)
        for symbol in text:
            while again.queue:
                again.next_token()
            again.say(IDS.get(symbol, len(SYMBOLS)))
        heard = "".join(again.transcript[known + 1:])
        if heard:
            next(said)
        yield Step(judged, state, text, turn(state), heard)


def slip(said: str, right: str) -> str:
    """The part of a turn in which what was said first differs from what is right."""
    place = next((i for i, (one, other) in enumerate(zip(said, right, strict=False)) if one != other), None)
    if place is None:
        return "" if said == right else LENGTH
    if place == 0:
        return TOOL
    if right[0] == READ and place <= KEY:
        return KEY_READ
    after = place - 1 - (KEY if right[0] == READ else 0)  # 0, 1 the total, 2 retries, 3 the ticket
    if after >= 4 and right[0] == COMPACT:
        return KEYS
    return (TOTAL, TOTAL, RETRIES, TICKET)[after]

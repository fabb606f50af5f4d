"""The world around the small agent: its three tools, which answer at random, from a seed.

A tool may be busy, and a ticket may expire: both are answers that the agent must handle. The order of the keys
is drawn once and then repeated: none returns before all others were there, so a key in a context names one entry.
"""

import random
from dataclasses import dataclass

from zhenwu.agent.ledger import (
    BUSY,
    EXPIRED,
    FULL,
    MODULUS,
    NO_MORE,
    PAGE,
    READ,
    TICKET,
    TURN_LENGTH,
    State,
    page,
    two_digits,
)
from zhenwu.agent.symbols import LETTERS

KEYS = tuple(first + second for first in LETTERS for second in LETTERS)


@dataclass(frozen=True)
class Habits:
    """How the tools behave; probabilities are per call. Ours: often enough that a page meets each of them."""

    busy: float = 0.15
    expires: float = 0.05
    longest_page: int = 16  # keys
    most_retries: int = 6


class Tools:
    """One session's tools. `answer` is what the tool says to a turn; `calls` counts them."""

    def __init__(self, seed: int | str, habits: Habits, pages: int | None = None) -> None:
        self.random = random.Random(f"ledger {seed}")
        self.habits = habits
        self.pages = pages  # pages that are left; None: no end
        self.calls = 0
        self.ticket = self.random.choice(LETTERS)
        self._keys = self.random.sample(KEYS, len(KEYS))
        self._read = 0  # keys that pages have named so far

    def brief(self) -> State:
        """What a session begins with: any total, and the first page."""
        return State(self.random.randrange(MODULUS), self._retries(), self.ticket, self._page())

    def answer(self, tool: str, ticket: str) -> str:
        """What the tool says: `ticket` is the one that the call showed, which only a read needs."""
        self.calls += 1
        draw = self.random.random()
        if tool == TICKET:
            self.ticket = self.random.choice(LETTERS)
            return self.ticket
        if tool == PAGE:
            if self.pages == 0:
                return NO_MORE
            return f"{self._retries()}:{','.join(self._page())};"
        if tool != READ or ticket != self.ticket or draw < self.habits.expires:
            self.ticket = ""  # no ticket is good until a new one is given
            return EXPIRED
        if draw < self.habits.expires + self.habits.busy:
            return BUSY
        return self.random.choice("+-") + two_digits(self.random.randrange(MODULUS))

    def _retries(self) -> int:
        return self.random.randint(0, self.habits.most_retries)

    def _page(self) -> tuple[str, ...]:
        if self.pages is not None:
            self.pages -= 1
        length = self.random.randint(1, self.habits.longest_page)
        self._read += length
        return tuple(self._keys[place % len(KEYS)] for place in range(self._read - length, self._read))


def is_full(state: State, used: int, limit: int, habits: Habits) -> bool:
    """Whether a context of `used` symbols has to be compacted now, in this state, to stay within `limit`.

    It has, where one more turn, at its longest, would leave too little for the compaction after it. The turn after an
    expired ticket, or the last one, is never put off.
    """
    if state.due:
        return False
    detour = TURN_LENGTH[READ] + len(EXPIRED) + TURN_LENGTH[TICKET] + 1  # a read that costs a new ticket
    if state.keys:
        ahead = detour + TURN_LENGTH[READ] + len("+00" + FULL) + 1 + len(page(state))
    else:
        longest = len(page(State(0, 0, "a", ("aa",) * habits.longest_page)))
        ahead = TURN_LENGTH[PAGE] + 2 * longest + len(FULL) + 1
    return used + ahead > limit

"""Many sessions at once: every step each of them reads one token, and those whose turn it is say one.

With a check, a second opinion reads the same tokens. Where the two differ the step is doubted: a third opinion reads
the whole context anew, and what it says is said. No opinion knows what is right.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zhenwu.agent.mind import Mind
from zhenwu.agent.session import Harness, Session
from zhenwu.agent.symbols import PADDING, SYMBOLS


@dataclass(frozen=True)
class Check:
    """The second and third opinion; they may share a format, or the model, with the first."""

    second: Mind
    third: Mind


def play(
    mind: Mind, seeds: Sequence[int], harness: Harness, check: Check | None = None,
    progress: Callable[[int], None] = lambda turns: None,
) -> Iterator[Session]:
    """The sessions of these seeds, each as it ends; a row that becomes free takes the next. `progress` hears of turns.

    The cache of `mind` decides how many run at once. What a session does depends on its seed, not on its neighbours,
    as far as the arithmetic is exact.
    """
    waiting = iter(seeds)
    rows: list[Session | None] = [None] * len(mind.cache.length)
    minds = [mind] + ([check.second] if check else [])

    def refill(row: int) -> None:
        seed = next(waiting, None)
        rows[row] = None if seed is None else Session(seed, harness)
        for each in minds:
            each.cache.reset(row)

    for row in range(len(rows)):
        refill(row)
    while live := [row for row, session in enumerate(rows) if session]:
        tokens = np.full(len(rows), PADDING)
        tokens[live] = [rows[row].next_token() for row in live]
        real = np.array([session is not None for session in rows])
        scores = [each.read(tokens, real) for each in minds]
        speaking = [row for row in live if not rows[row].queue]
        if not speaking:
            continue
        opinions = [each[speaking].argmax(axis=-1) for each in scores]
        chosen = opinions[0].copy()
        if check:
            doubted = np.flatnonzero(opinions[0] != opinions[1])
            if doubted.size:
                contexts = [rows[speaking[place]].context for place in doubted]
                chosen[doubted] = check.third.reread(contexts).argmax(axis=-1)
            for place, row in enumerate(speaking):
                note(rows[row], opinions[0][place], opinions[1][place])
        turned = 0
        for row, token in zip(speaking, chosen.tolist(), strict=True):
            session = rows[row]
            before = len(session.turns)
            if session.say(token):
                for each in minds:
                    each.cache.reset(row)
            turned += len(session.turns) - before
            if session.done:
                yield session
                refill(row)
        progress(turned)


def note(session: Session, first: int, second: int) -> None:
    """Remember what each opinion alone would have made of this turn."""
    session.doubted |= bool(first != second)
    right = session.right_symbol()
    if right:
        session.first_wrong |= SYMBOLS[first] != right if first < len(SYMBOLS) else True
        session.second_wrong |= SYMBOLS[second] != right if second < len(SYMBOLS) else True

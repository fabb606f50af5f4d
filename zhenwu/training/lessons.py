"""What the small agent learns from: contexts of an agent that makes no mistake, drawn from a seed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.ledger import COMPACT, FULL, NO_MORE, PAGE, REPORT, answered, page, turn
from zhenwu.agent.symbols import PADDING, encode
from zhenwu.agent.tools import Habits, Tools, is_full

REPORTS = 0.03  # pages after which there is no more, so that the last turn is learnt too
EARLY = 0.15  # contexts that are compacted well before they are long


def lessons(seed: int, step: int, rows: int, length: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """tokens int64[rows, length] and learnt bool[rows, length], true where a token is the agent's own.

    Each row is a context from its `#` to the compaction or report that ends it, at most `length` long, then padding.
    The same seed and step give the same rows.
    """
    tokens = np.full((rows, length), PADDING)
    learnt = np.zeros((rows, length), bool)
    for row in range(rows):
        place = 0
        for text, own in context(f"{seed} {length} {step} {row}", length):
            tokens[row, place: place + len(text)] = encode(text)
            learnt[row, place: place + len(text)] = own
            place += len(text)
    return tokens, learnt


def context(seed: str, length: int) -> Iterator[tuple[str, bool]]:
    """Yield the texts of one context of at most `length` symbols, and whether the agent wrote them."""
    tools = Tools(seed, Habits(longest_page=max(1, length // 16)))
    draw = tools.random
    shortest = length // 4 if draw.random() < EARLY else length * 7 // 8
    limit = draw.randint(shortest, length)
    state = tools.brief()
    # A context begins with a session or with a compaction: any number of keys may be left, none among them.
    state = replace(state, keys=state.keys[draw.randint(0, len(state.keys)):])
    yield (start := "#" + page(state)), False
    used = len(start)
    while True:
        text = turn(state)
        yield text, True
        tool = text[0]
        if tool in (COMPACT, REPORT):
            return
        answer = NO_MORE if tool == PAGE and draw.random() < REPORTS else tools.answer(tool, state.ticket)
        used += len(text) + len(answer)
        if is_full(answered(state, tool, answer), used, limit, tools.habits):
            answer, used = answer + FULL, used + len(FULL)
        state = answered(state, tool, answer)
        yield answer, False

"""The ledger: the small agent's task, as rules that say what its next turn must be.

The agent goes through the keys of a page, reads each with a tool, and keeps the total of what it read modulo 100, in
its own words, turn by turn. A turn begins with the tool and ends with the agent's state, so each turn is one tool call:

    ?ab 73 4 k     read key `ab`; total 37 (least significant digit first), 4 retries left, ticket `k`
      +81          ... 18 to be added     -81  18 to be taken away     ~  busy     ^  the ticket has expired
    >73 4 k        the page is done: ask for the next one
      6:cd,ef;     ... with 6 retries     !  there is none
    @73 4 k        ask for a new ticket
      m            ... which is `m`
    =73 4 k:cd,ef; compaction: all that the agent will know from here on; the keys are those still to be read
    .73            report: the last turn

Spaces are for the reader. A busy answer costs a retry; with none left the key is skipped. `%` after an answer says that
the context is full: the next turn is a compaction, and what the agent writes there, behind a `#`, is its new context.
Chapter: a small agent that works.
"""

from dataclasses import dataclass, replace

from zhenwu.agent.symbols import DIGITS, LETTERS

READ, PAGE, TICKET, COMPACT, REPORT = "?", ">", "@", "=", "."
BUSY, EXPIRED, NO_MORE, FULL = "~", "^", "!", "%"
MODULUS = 100
KEY = 2  # letters
STATE = 4  # symbols: two digits, retries, ticket
TURN_LENGTH = {READ: 1 + KEY + STATE, PAGE: 1 + STATE, TICKET: 1 + STATE, REPORT: 3}  # a compaction ends at its `;`


@dataclass(frozen=True)
class State:
    """What the agent has to know to go on."""

    total: int  # 0 .. 99
    retries: int  # 0 .. 9
    ticket: str  # a letter
    keys: tuple[str, ...]  # still to be read, the next one first
    due: str = ""  # TICKET, COMPACT or REPORT if an answer asked for that; "" goes on with the page


def two_digits(number: int) -> str:
    """73 for 37: the digit in which a carry begins comes first."""
    return f"{number % 10}{number // 10}"


def words(state: State) -> str:
    """The state as a turn ends with it: total, retries, ticket."""
    return f"{two_digits(state.total)}{state.retries}{state.ticket}"


def page(state: State) -> str:
    """The state and its keys, as a compaction and a new context hold them."""
    return f"{words(state)}:{','.join(state.keys)};"


def turn(state: State) -> str:
    """The one right turn in this state."""
    if state.due == COMPACT:
        return COMPACT + page(state)
    if state.due == REPORT:
        return REPORT + two_digits(state.total)
    if state.due == TICKET:
        return TICKET + words(state)
    if state.keys:
        return READ + state.keys[0] + words(state)
    return PAGE + words(state)


def answered(state: State, tool: str, answer: str) -> State:
    """The state after `tool` gave `answer`; an answer that ends with FULL makes a compaction due."""
    full = answer.endswith(FULL)
    answer = answer.removesuffix(FULL)
    state = replace(state, due=COMPACT if full else "")
    if answer == EXPIRED:
        return replace(state, due=TICKET)
    if answer == NO_MORE:
        return replace(state, due=REPORT)
    if answer == BUSY:
        return replace(state, retries=state.retries - 1) if state.retries else replace(state, keys=state.keys[1:])
    if tool == TICKET:
        return replace(state, ticket=answer)
    if tool == PAGE:
        retries, keys = answer.split(":")
        return replace(state, retries=int(retries), keys=_keys(keys))
    amount = int(answer[:0:-1]) * (1 if answer[0] == "+" else -1)
    return replace(state, total=(state.total + amount) % MODULUS, keys=state.keys[1:])


def read_back(text: str, before: State) -> State | None:
    """The state that a turn says it is in, where it differs from `before` the agent's own; None if it is no turn.

    The turn need not be right. A key that stands in the list moves the agent there; another leaves its place alone.
    """
    tool = text[:1]
    if tool == REPORT:
        return replace(before, due="") if len(text) == 3 and _digits(text[1:]) else None
    tail = text[1 + KEY:] if tool == READ else text[1:]
    if tool == COMPACT:
        return _page(tail)
    if tool not in (READ, PAGE, TICKET) or len(tail) != STATE or not _words(tail):
        return None
    keys = before.keys
    if tool == READ and (key := text[1: 1 + KEY]) in keys:
        keys = keys[keys.index(key):]
    return State(int(tail[1::-1]), int(tail[2]), tail[3], keys)


def _page(text: str) -> State | None:
    head, colon, keys = text.partition(":")
    listed = _keys(keys)
    well_formed = colon and keys.endswith(";") and len(head) == STATE and _words(head)
    if not well_formed or not all(len(key) == KEY and set(key) <= set(LETTERS) for key in listed):
        return None
    return State(int(head[1::-1]), int(head[2]), head[3], listed)


def _keys(text: str) -> tuple[str, ...]:
    body = text.removesuffix(";")
    return tuple(body.split(",")) if body else ()


def _words(text: str) -> bool:
    return _digits(text[:3]) and text[3] in LETTERS


def _digits(text: str) -> bool:
    return set(text) <= set(DIGITS)

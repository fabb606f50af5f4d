"""Sessions of the small agent in a batch, each turn judged, and the two harnesses that keep its context.

    carry   the agent fills its context, writes its own compaction, and goes on from what it wrote
    reset   the control: each page begins in a fresh context that the harness writes, without the agent's own past

A turn is wrong if it is not the one that the rules ask for *in the state the agent itself is in*: after a wrong total
the next turn is right if it goes on from that total. So a session's errors can be counted after its first one, and
whether they come more often then is a question, not a definition. Chapter: a small agent that works.
"""

from collections import deque
from dataclasses import dataclass, replace

from zhenwu.agent.ledger import COMPACT, FULL, PAGE, READ, REPORT, TURN_LENGTH, answered, page, read_back, turn
from zhenwu.agent.symbols import IDS, SYMBOLS
from zhenwu.agent.tools import Habits, Tools, is_full

HARNESSES = ("carry", "reset")
BEGINNING = "#"
STUCK = 10  # compactions more than calls, after which a session is ended: its agent does nothing else


@dataclass(frozen=True)
class Harness:
    """How sessions are run: which of HARNESSES, the context's limit in tokens, how long a session is."""

    kind: str = "carry"
    limit: int = 256
    calls: int | None = None  # tool calls after which a session is stopped
    pages: int | None = None  # pages after which there is no more, and the agent reports

    @property
    def habits(self) -> Habits:
        return Habits(longest_page=max(1, self.limit // 16))


@dataclass(frozen=True, slots=True)  # of which the longest sessions have millions
class Turn:
    """One turn and how it went."""

    session: int  # its seed
    call: int  # tool calls before it
    context: int  # tokens in the context where it begins
    compactions: int  # before it
    errors_in_context: int  # the agent's own wrong turns that it still reads
    errors: int  # before it, in the whole session
    tool: str
    wrong: bool
    doubted: bool  # a check's opinions differed
    first_wrong: bool  # the first opinion alone would have been wrong
    second_wrong: bool  # the second alone would have been


class Session:
    """One row of the batch: what is still to be read, what the agent has said of its turn, and how it has done."""

    def __init__(self, seed: int, harness: Harness) -> None:
        self.seed = seed
        self.harness = harness
        self.tools = Tools(seed, harness.habits, harness.pages)
        self.expected = self.tools.brief()
        self.turns: list[Turn] = []
        self.transcript: list[str] = []
        self.compactions = self.errors = 0
        self.done = False
        self._begin(BEGINNING + page(self.expected))

    def _begin(self, text: str, errors: int = 0) -> None:
        """A new context."""
        self.context: list[int] = []
        self.queue: deque[int] = deque()
        self.errors_in_context = errors
        self._hear(text)

    def _hear(self, text: str) -> None:
        self.queue.extend(IDS[symbol] for symbol in text)
        self.transcript.append(text)
        self.said = ""
        self.doubted = self.first_wrong = self.second_wrong = False
        self.start = len(self.context) + len(self.queue)

    def next_token(self) -> int:
        """The next token to be read."""
        token = self.queue.popleft()
        self.context.append(token)
        return token

    def right_symbol(self) -> str:
        """What the rules ask for next, if what was said of this turn so far is right; else nothing."""
        right = turn(self.expected)
        return right[len(self.said)] if right.startswith(self.said) and len(self.said) < len(right) else ""

    def say(self, token: int) -> bool:
        """Take the agent's next symbol; true if that made the context a new one."""
        symbol = SYMBOLS[token] if token < len(SYMBOLS) else " "
        self.said += symbol
        tool = self.said[0]
        if tool == COMPACT:
            finished = symbol == ";" or len(self.context) + 1 >= self.harness.limit
        else:
            finished = len(self.said) == TURN_LENGTH.get(tool, 1)
        if not finished:
            self.queue.append(token)
            return False
        return self._end_turn(token)

    def _end_turn(self, last: int) -> bool:
        text, right = self.said, turn(self.expected)
        wrong = text != right
        self.transcript.append(text)
        self.turns.append(Turn(
            self.seed, self.tools.calls, self.start, self.compactions, self.errors_in_context, self.errors,
            text[0], wrong, self.doubted, self.first_wrong, self.second_wrong,
        ))
        self.errors += wrong
        self.errors_in_context += wrong
        own = read_back(text, self.expected) if wrong else replace(self.expected, due="")
        state = own or replace(self.expected, due="")
        tool = text[0]
        if tool == REPORT and own is not None:
            self.done = True
            return False
        if tool == COMPACT:
            self.compactions += 1
            if self.compactions > self.tools.calls + STUCK:
                self.done = True
                return False
            self.expected = state
            written = text[1:] if own is not None else page(state)
            self._begin(BEGINNING + written, errors=int(wrong))
            return True
        called = "" if own is None else tool  # what is no turn is no tool either: the answer is an error
        answer = self.tools.answer(called, text[-1])
        self.expected = answered(state, called, answer)
        if self.harness.calls is not None and self.tools.calls >= self.harness.calls:
            self.done = True
            return False
        used = len(self.context) + 1 + len(answer)
        full = is_full(self.expected, used, self.harness.limit, self.tools.habits)
        fresh = self.harness.kind == "reset" and not self.expected.due and (full or tool == PAGE)
        if fresh or used + TURN_LENGTH[READ] + len(FULL) > self.harness.limit:  # the latter only after wrong turns
            self._begin(BEGINNING + page(self.expected))
            return True
        if full:
            answer += FULL
            self.expected = replace(self.expected, due=COMPACT)
        self.queue.append(last)
        self._hear(answer)
        return False

"""Traces as JSON lines, one object a request, in the two public forms; plain or gzipped.

    {"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, 48, 2353]}
    {"chat_id": 159, "parent_chat_id": 55, "timestamp": 61.114, "input_length": 521, "output_length": 132,
     "type": "text", "turn": 2, "hash_ids": [1089, 1090]}

The first is Mooncake's (kvcache-ai/Mooncake, FAST25-release): milliseconds, blocks of 512 tokens, and no word of which
requests belong together, so each is a session of its own. The second is Bailian's
(alibaba-edu/qwen-bailian-usagetraces-anon): seconds, blocks of 16 tokens, and the request before, -1 for none. A hash
stands for a block and all before it.

So `prefix_hit_tokens` can be counted: whole blocks at the beginning that stood there in an earlier request of the same
session; or, where a format knows no sessions, of the whole file. Without hash_ids it is unknown. Times of answers,
waits and how answers end are in neither format, and stay empty.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhenwu.agent.fields import MOST_SECONDS, MOST_TOKENS, repeated

SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz")
UNKNOWN = ("tool_tokens", "system_tokens", "prefix_hit_tokens", "think_time_s", "api_time_s")
NONE = -1  # the parent of a chat that has none


@dataclass(frozen=True)
class Form:
    """One of the two forms: what a second is in its timestamps, and how many tokens a block has."""

    name: str
    ticks_per_s: float
    block: int
    sessions: bool
    reuse: str  # where what is reused stood before
    says: str


MOONCAKE = Form(
    "Mooncake", 1000.0, 512, False, "in the same file",
    "Mooncake's JSON lines: which requests belong together is not said, so each stands alone, and reuse is counted "
    "over the whole file",
)
BAILIAN = Form(
    "Bailian", 1.0, 16, True, "in the same session",
    "Bailian's JSON lines: a session is a chat and all that follow from it",
)


def is_json(name: str) -> bool:
    """Whether a file of this name is read as JSON lines."""
    return name.lower().endswith(SUFFIXES)


def rows(text: str, name: str) -> tuple[Form, list[dict[str, str | float]]]:
    """The form, and the requests as rows of a trace. ValueError, one sentence, for what is no such file."""
    form, found = None, []
    for line, request in _objects(text, name):
        where = f"{name}, line {line}"
        mine = BAILIAN if "chat_id" in request else MOONCAKE
        form = form or mine
        if mine is not form:
            raise ValueError(f"{where}: is {mine.name}'s form; expected {form.name}'s, as in the lines before")
        found.append((where, request))
    if form is None:
        wanted = "timestamp, input_length, output_length"
        raise ValueError(f"{name}: is empty; expected a JSON object a line, with {wanted}")
    sessions = _chats(found) if form.sessions else [str(number) for number in range(1, len(found) + 1)]
    made = [_row(form, session, *each) for session, each in zip(sessions, found, strict=True)]
    _count_reuse(form, made, [_blocks(*each) for each in found])
    return form, made


def _objects(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each line that holds something, with its number."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError(f"{where}: is no JSON, or cut off; expected one object a line") from None
        if not isinstance(request, dict):
            raise ValueError(f"{where}: is {repeated(json.dumps(request))}; expected an object, {{...}}")
        yield number, request


def _row(form: Form, session: str, where: str, request: Mapping[str, Any]) -> dict[str, str | float]:
    sent = _number(request, "timestamp", where) / form.ticks_per_s
    if sent > MOST_SECONDS:
        raise ValueError(f"{where}: timestamp is {sent:g} s; expected 0 to {MOST_SECONDS:,} s")
    return dict.fromkeys(UNKNOWN, math.nan) | {
        "trace": session, "t_s": sent, "in_tokens": _tokens(request, "input_length", where),
        "out_tokens": _tokens(request, "output_length", where), "stop": "", "model": "",
    }


def _number(request: Mapping[str, Any], key: str, where: str) -> float:
    if key not in request:
        raise ValueError(f"{where}: has no {key}; expected a number, 0 or more")
    value = request[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{where}: {key} is {repeated(json.dumps(value))}; expected a number, 0 or more")
    return float(min(value, 10**300))


def _tokens(request: Mapping[str, Any], key: str, where: str) -> float:
    value = _number(request, key, where)
    if not value.is_integer() or value > MOST_TOKENS:
        raise ValueError(f"{where}: {key} is {value:g}; expected a whole number of tokens, 0 to {MOST_TOKENS:,}")
    return value


def _blocks(where: str, request: Mapping[str, Any]) -> Sequence[Any] | None:
    found = request.get("hash_ids")
    if found is not None and not (isinstance(found, list) and all(isinstance(each, int | str) for each in found)):
        raise ValueError(f"{where}: hash_ids is {repeated(json.dumps(found))}; expected a list of numbers")
    return found


def _chats(found: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """The session of each request: the chat that it goes back to, as far as the file has it."""
    parent: dict[int, int] = {}
    for where, request in found:
        chat, before = (_identity(request, key, where) for key in ("chat_id", "parent_chat_id"))
        if chat in parent:
            raise ValueError(f"{where}: chat_id is {chat} once more; expected a number of its own for each request")
        parent[chat] = before
    root: dict[int, int] = {}
    for where, request in found:
        path, at = [], request["chat_id"]
        while at not in root and parent.get(at, NONE) != NONE and parent[at] in parent:
            path.append(at)
            at = parent[at]
            if len(path) > len(parent):
                raise ValueError(f"{where}: parent_chat_id leads back to itself; expected a chat before it")
        root |= dict.fromkeys([*path, at], root.get(at, at))
    return [str(root[request["chat_id"]]) for _, request in found]


def _identity(request: Mapping[str, Any], key: str, where: str) -> int:
    value = request.get(key, NONE)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{where}: {key} is {repeated(json.dumps(value))}; expected a whole number")
    return value


def _count_reuse(form: Form, made: Sequence[dict[str, str | float]], blocks: Sequence[Sequence[Any] | None]) -> None:
    """Whole blocks at the beginning of each request that stood there before, in tokens."""
    tree: dict[tuple[Any, ...], int] = {}  # a beginning, as the one a block shorter and its last block: its number
    for index in sorted(range(len(made)), key=lambda each: made[each]["t_s"]):
        row, mine = made[index], blocks[index]
        if mine is None:
            continue
        at: Any = row["trace"] if form.sessions else ""
        hit = 0
        for block in mine:
            hit += (at, block) in tree
            at = tree.setdefault((at, block), len(tree))
        row["prefix_hit_tokens"] = min(float(hit * form.block), row["in_tokens"])

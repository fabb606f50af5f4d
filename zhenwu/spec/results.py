"""The results file, `zhenwu/data/results.json`: what the landing page shows besides closed arithmetic, or that it is
not yet measured.

    {"survival": {FORMAT: {SESSION: RESULT}},
     "decode_tokens_per_s": {CHIP: {MODEL: {FORMAT: {SESSION: RESULT}}}}}

FORMAT is a key of WEIGHT_BITS, SESSION, CHIP and MODEL are the keys of SESSIONS, CHIPS and MODELS. A RESULT is null,
or an object with the seven fields of `Result`; wherever one may stand, and at any level above, null or an absent key
means not yet measured. `survival` is the share of sessions, 0 to 1, in which no wrong step was committed and not
undone, with its 95 % interval; the small agent of `zhenwu/agent` fills it. `decode_tokens_per_s` is what one session
gets, at its longest context, beside as many others as fit, with its 5 to 95 % band; `zhenwu/perf` fills it, and adds
`context`, the tokens it was computed for, which must be those of `Session.context`. Any other key, or a value outside
its range, is an error that names file, key and what was expected.
"""

import json
import math
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zhenwu.spec.agent_session import SESSIONS
from zhenwu.spec.chips import CHIPS
from zhenwu.spec.models import MODELS
from zhenwu.spec.storage import WEIGHT_BITS

KINDS = ("measured", "simulated", "derived", "assumed")
SURVIVAL, DECODE = "survival", "decode_tokens_per_s"
SESSION = {entry.key: entry for entry in SESSIONS}
CHIP = {entry.key: entry for entry in CHIPS}
MODEL = {entry.key: entry for entry in MODELS}


class ResultsError(ValueError):
    """A results file that breaks the schema, in one sentence."""


@dataclass(frozen=True)
class Result:
    """One figure with its interval, and how to get it again."""

    value: float
    low: float
    high: float
    kind: str  # one of KINDS
    source: str  # a sentence: what was run, or computed from what
    command: str  # what prints it again
    version: str  # of this package, or the git revision, that it was got with


@dataclass(frozen=True)
class Results:
    """Whatever is there, by keys: (format, session), and (chip, model, format, session)."""

    survival: MappingProxyType[tuple[str, str], Result]
    decode_tokens_per_s: MappingProxyType[tuple[str, str, str, str], Result]


def load(path: Path | None = None) -> Results:
    """The results of a file, by default the package's own; one that breaks the schema raises ResultsError."""
    place = path or files("zhenwu.data").joinpath("results.json")
    return parse(place.read_text(encoding="utf-8"), place.name)


def parse(text: str, name: str) -> Results:
    """The results in a text; `name` is what an error calls the file."""
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ResultsError(f"{name}, line {error.lineno}: expected JSON ({error.msg})") from None
    except ResultsError as error:
        raise ResultsError(f"{name}: {error}") from None
    _check_keys(data, {SURVIVAL: None, DECODE: None}, name)
    survival = _leaves(data.get(SURVIVAL), (WEIGHT_BITS, SESSION), f"{name}: {SURVIVAL}")
    decode = _leaves(data.get(DECODE), (CHIP, MODEL, WEIGHT_BITS, SESSION), f"{name}: {DECODE}")
    return Results(
        MappingProxyType({keys: _survival(leaf, where) for keys, (leaf, where) in survival.items()}),
        MappingProxyType({keys: _decode(leaf, keys, where) for keys, (leaf, where) in decode.items()}),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key in (keys := [key for key, _ in pairs]):
        if keys.count(key) > 1:
            raise ResultsError(f"{key} stands there {keys.count(key)} times: expected once")
    return dict(pairs)


def _check_keys(data: Any, known: dict[str, Any], where: str) -> None:
    wanted = f"expected an object with keys among {', '.join(known)}"
    if not isinstance(data, dict):
        raise ResultsError(f"{where} is {json.dumps(data)}: {wanted}, or null")
    for key in data:
        if key not in known:
            raise ResultsError(f"{where}: unknown key {key}, {wanted}")


def _leaves(data: Any, levels: tuple[dict[str, Any], ...], where: str) -> dict[tuple[str, ...], tuple[dict, str]]:
    """What is not null at the last level, by the keys that lead there, each with its place in words."""
    if data is None:
        return {}
    if not levels:
        return {(): (data, where)}
    _check_keys(data, levels[0], where)
    return {
        (key, *rest): leaf
        for key, below in data.items()
        for rest, leaf in _leaves(below, levels[1:], f"{where}.{key}").items()
    }


def _survival(leaf: Any, where: str) -> Result:
    result = _result(leaf, where)
    if not 0 <= result.low <= result.high <= 1:
        raise ResultsError(f"{where}: low {result.low} and high {result.high}, expected shares from 0 to 1")
    return result


def _decode(leaf: Any, keys: tuple[str, ...], where: str) -> Result:
    _, model, _, session = keys
    context = round(SESSION[session].context(MODEL[model]).number())
    given = leaf.get("context") if isinstance(leaf, dict) else None
    if given != context:
        raise ResultsError(f"{where}.context is {json.dumps(given)}: expected {context}, its session's longest context")
    result = _result({key: value for key, value in leaf.items() if key != "context"}, where)
    if result.low <= 0:
        raise ResultsError(f"{where}.low is {result.low}: expected more than 0 tokens a second")
    return result


def _result(leaf: Any, where: str) -> Result:
    names = [field.name for field in fields(Result)]
    _check_keys(leaf, dict.fromkeys(names), where)
    for name in names:
        value = leaf.get(name)
        if name in ("value", "low", "high"):
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ResultsError(f"{where}.{name} is {json.dumps(value)}: expected a number")
        elif name == "kind":
            if value not in KINDS:
                raise ResultsError(f"{where}.kind is {json.dumps(value)}: expected one of {', '.join(KINDS)}")
        elif not isinstance(value, str) or not value.strip():
            raise ResultsError(f"{where}.{name} is {json.dumps(value)}: expected a few words")
    if not leaf["low"] <= leaf["value"] <= leaf["high"]:
        raise ResultsError(f"{where}: {leaf['low']}, {leaf['value']}, {leaf['high']}, expected low <= value <= high")
    return Result(**leaf)

"""From the turns of all cells to the few numbers that the book quotes: counts, intervals, slopes, ratios."""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent.binomial import interval
from zhenwu.agent.hazard import binned, slopes
from zhenwu.spec.agent_session import SESSIONS
from zhenwu.study.cell import Outcome, Voice
from zhenwu.study.paired import paired

AT_CALLS = tuple(sorted({12, 300, 4000, *(int(session.calls.value) for session in SESSIONS)}))
EDGES = {
    "call": [0, 10, 20, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800],
    "context": [0, 50, 100, 150, 200, 256, 400, 800, 1200, 1600, 2100],
    "compactions": [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    "errors_in_context": [0, 1, 2, 3, 5, 10],
}


def summary(done: list[tuple[str, Outcome]]) -> dict[str, Any]:
    """All cells, in order, each with its group; beside float32 on the same seeds where that ran in the group."""
    made = []
    for group, outcome in done:
        plain = next((other for name, other in done if name == group and is_reference(other, outcome)), None)
        pair = paired(outcome, plain) if plain else None
        made.append(of_cell(group, outcome) | {"paired": pair._asdict() if pair else None})
    return {"cells": made}


def is_reference(one: Outcome, other: Outcome) -> bool:
    """Whether `one` is the agent as trained, in float32, and `other` another one in the same harness."""
    plain = one.cell.first == Voice() and not one.cell.check
    return plain and one is not other and one.cell.harness == other.cell.harness


def of_cell(group: str, outcome: Outcome) -> dict[str, Any]:
    """One cell's counts.

    `error` is wrong turns a turn, after own errors too; `hazard` is first wrong turns a turn that had none before it,
    which is what (1 - e)^turns is about. Slopes and bins of age use the turns up to each session's first wrong one; for
    slopes, sessions are independent of each other and the turns of one are not. In the same turns `first_wrong` and
    `second_wrong` are what the opinions alone had wrong, `second_also` both; `lost` says how sessions were lost.
    """
    cell, columns = outcome.cell, outcome.columns
    wrong = columns["wrong"]
    before = columns["errors"] == 0
    low, high = outcome.error_interval
    first, second = (columns[name][before] for name in ("first_wrong", "second_wrong"))
    failed, clean_turns = int(wrong[before].sum()), int(before.sum())
    hazard_low, hazard_high = interval(failed, clean_turns)
    clean = {name: columns[name][before] for name in ("call", "context", "compactions")}
    doublings = {f"{name}_doublings": np.log2(1 + column.astype(float)) for name, column in clean.items()}
    own = {"errors_in_context": np.minimum(columns["errors_in_context"], 5).astype(float),
           "context_doublings": np.log2(1 + columns["context"].astype(float))}
    return {
        "group": group, "name": str(cell), "weights": cell.first.weights, "format": str(cell.first.how),
        "linear": cell.first.how.linear, "rule": cell.first.how.rule, "kv": cell.first.how.kv,
        "check": cell.check.name if cell.check else None, "harness": cell.harness.kind, "context": cell.harness.limit,
        "calls": cell.harness.calls, "sessions": cell.sessions, "seed": cell.seed,
        "turns": outcome.turns, "wrong": outcome.wrong, "error": outcome.error, "low": low, "high": high,
        "failed": failed, "clean_turns": clean_turns, "hazard": failed / clean_turns,
        "hazard_low": hazard_low, "hazard_high": hazard_high,
        "doubted": int(columns["doubted"].sum()), "first_wrong": int(first.sum()), "second_wrong": int(second.sum()),
        "second_also": int((first & second).sum()), "lost": lost(wrong[before], first, second) if cell.check else None,
        "tokens": outcome.tokens, "checking_tokens": outcome.checking_tokens, "cpu_s": round(outcome.cpu_s, 1),
        "survival": [
            {"calls": calls, "survived": (k := outcome.survived(calls)[0]), "of": cell.sessions,
             "low": interval(k, cell.sessions)[0], "high": interval(k, cell.sessions)[1]}
            for calls in AT_CALLS if calls <= (cell.harness.calls or 0)
        ],
        "slopes": [
            {"column": s.name, "value": finite(s.value), "low": finite(s.low), "high": finite(s.high), "p": s.p}
            for s in [*(slopes(wrong[before], {name: column}, columns["session"][before])[0]
                        for name, column in doublings.items()),
                      *slopes(wrong, own, columns["session"])]
        ],
        "bins": {
            name: [[b.low, b.high, b.turns, b.wrong] for b in binned(
                wrong if name == "errors_in_context" else wrong[before],
                columns[name] if name == "errors_in_context" else clean[name], edges,
            ) if b.turns]
            for name, edges in EDGES.items()
        },
    }


def lost(wrong: NDArray[np.bool_], first: NDArray[np.bool_], second: NDArray[np.bool_]) -> dict[str, int]:
    """How many turns lost a checked session, by who was wrong: both of the first two opinions, or one of them and the
    third."""
    parts = {"both": first & second, "first": first & ~second, "second": ~first & second}
    return {name: int((wrong & part).sum()) for name, part in parts.items()}


def finite(x: float) -> float | None:
    """JSON has no infinity."""
    return x if math.isfinite(x) else None


def as_text(found: dict[str, Any]) -> str:
    """JSON, a cell a line."""
    lines = ",\n".join(json.dumps(cell, allow_nan=False) for cell in found["cells"])
    return '{"cells": [\n' + lines + "\n]}\n"


def ratio_interval(wrong: int, turns: int, other_wrong: int, other_turns: int) -> tuple[float, float, float]:
    """(ratio, low, high) of two error rates, 95 %: given all wrong turns, how many fall to the first is binomial.

    Source: Przyborowski and Wilenski 1940. Without an error in `other` the ratio and its high end are infinite.
    """
    low, high = interval(wrong, wrong + other_wrong)
    exposure = other_turns / turns

    def ratio(p: float) -> float:
        return math.inf if p >= 1 else p / (1 - p) * exposure

    return ratio(wrong / (wrong + other_wrong)) if wrong + other_wrong else math.nan, ratio(low), ratio(high)

"""Whole trainings of the small agent in three sizes: what each could do at some marks of its run.

`zhenwu/data/agent_trainings.json` holds them, a training a line, each with the fields of its curve.json;
zhenwu/data/README.md says how they were made.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

Training = dict[str, Any]


@cache
def trainings() -> dict[str, list[Training]]:
    """By size, from the smallest."""
    runs = json.loads(files("zhenwu.data").joinpath("agent_trainings.json").read_text(encoding="utf-8"))
    return {size: [run for run in runs if run["size"] == size] for size in dict.fromkeys(run["size"] for run in runs)}


def wrong(run: Training, length: int, at: float = 1.0) -> tuple[int, int]:
    """(wrong, all) turns of fresh lessons of `length` tokens at that share of the run. ValueError if nobody looked."""
    found = [point["wrong"][str(length)] for point in run["points"] if point["share"] == at]
    if not found:
        raise ValueError(f"at {at} of its training nobody looked at the {run['size']} agent of seed {run['seed']}")
    return tuple(found[0])


def span(runs: list[Training], length: int) -> str:
    """Wrong turns in ten thousand at the end, least and most of these runs, as text."""
    rates = [10_000 * count / turns for count, turns in (wrong(run, length) for run in runs)]
    return f"{min(rates):.1f} to {max(rates):.1f}"

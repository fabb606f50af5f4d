"""How well the generator does on sessions that it was not fitted to: `python -m zhenwu.agent.holdout ../shared/traces`.

The sessions are parted into two halves by lot. A model is fitted to one half, and what it makes up is compared with
both; and the two halves with each other, since two halves of the same recording differ by chance already. Of each
quantity stands the ratio that is furthest from 1, of those at HELD.
"""

import json
import math
from functools import cache
from importlib.resources import files

import numpy as np

from zhenwu.agent.compare import Line, compared
from zhenwu.agent.fit import fit
from zhenwu.agent.generate import generate_trace
from zhenwu.agent.quantiles import Tables, tables
from zhenwu.agent.remade import remake
from zhenwu.agent.sessions import AgentSession, sessions_of, trace_of
from zhenwu.agent.spread import rounded
from zhenwu.agent.traces import Trace

FILE = "agent_holdout.json"
SEED = 1
MADE = 10_000
COLUMNS = ("own half", "other half", "half and half")
Found = dict[str, tuple[float, float, float]]


def halves(trace: Trace, seed: int = SEED) -> tuple[list[AgentSession], list[AgentSession]]:
    """The sessions in two parts, by lot."""
    sessions = sessions_of(trace)
    order = np.random.default_rng(seed).permutation(len(sessions))
    return tuple([sessions[each] for each in part] for part in np.array_split(order, 2))


def held_out(trace: Trace, seed: int = SEED) -> Found:
    """By quantity: how far off what is made up is from its own half, from the other, and one half from the other."""
    one, other = halves(trace, seed)
    made = _tables(generate_trace(fit(one), seed, MADE))
    first, second = _tables(trace_of(one)), _tables(trace_of(other))
    pairs = (first, made), (second, made), (second, first)
    seen = [{line.name: off(line) for line in compared(*pair)} for pair in pairs]
    return {name: tuple(each[name] for each in seen) for name in seen[0] if all(name in each for each in seen)}


def _tables(trace: Trace) -> Tables:
    return tables(trace, {})


def off(line: Line) -> float:
    """How far made over recorded is from 1: at HELD the worst; of a share, which has no quantiles, itself."""
    return rounded(abs(line.ratios[-1] - 1) if math.isnan(line.recorded[0]) else line.off)


def as_text(found: Found) -> str:
    """As JSON, a quantity a line."""
    return "{\n" + ",\n".join(f'"{name}": {json.dumps(each)}' for name, each in found.items()) + "\n}\n"


@cache
def committed() -> Found:
    """What was found when the model that ships was fitted, on the same recording."""
    text = files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8")
    return {name: tuple(each) for name, each in json.loads(text).items()}


def main() -> None:
    """Write the file from the trace that is named."""
    remake("zhenwu.agent.holdout", FILE, lambda trace: as_text(held_out(trace)))


if __name__ == "__main__":
    main()

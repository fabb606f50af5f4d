"""The tables that ship with this package: `python -m zhenwu.agent.committed ../shared/traces` makes them anew.

They hold quantiles and sums, no row of the trace; `tests/agent/test_committed.py` holds them equal to a fresh run.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from zhenwu.agent.quantiles import Distribution, Growth, Tables, Totals, tables
from zhenwu.agent.remade import remake
from zhenwu.agent.traces import Trace, read
from zhenwu.spec.agent_traces import WEKA_SESSIONS
from zhenwu.spec.sources import AGENT_TRACES

FILE = "agent_traces.json"
WHOSE = "Sessions of other vendors' models, recorded with a coding assistant; none is a Qwen."
ABOUT = {
    "which": "The tables that ship with this package.",
    "made_by": "zhenwu/agent/committed.py, python -m zhenwu.agent.committed ../shared/traces",
    "whose": WHOSE,
    "source": f"{AGENT_TRACES.title}, {AGENT_TRACES.url}, {AGENT_TRACES.date}",
    "licence": "Apache-2.0",
    "selection": WEKA_SESSIONS.note,
}


def as_text(found: Tables) -> str:
    """The tables as JSON, a quantity a line."""
    parts = found.as_dict()
    spread = ",\n".join(f'  "{name}": {json.dumps(part)}' for name, part in parts.pop("distributions").items())
    lines = [f'"{name}": {json.dumps(part)}' for name, part in parts.items()]
    return "{\n" + ",\n".join(lines) + ',\n"distributions": {\n' + spread + "\n}\n}\n"


def from_text(text: str) -> Tables:
    """The inverse of `as_text`."""
    parts: dict[str, Any] = json.loads(text)
    growth = parts["context_by_turn"]
    return Tables(
        parts["about"], Totals(**parts["totals"]), Totals(**parts["long_sessions"]), parts["compaction_share"],
        Growth(tuple(growth["turns"]), tuple(growth["sessions"]),
               {percent: tuple(values) for percent, values in growth["tokens"].items()}),
        {name: Distribution(**part | {"quantiles": tuple(part["quantiles"])})
         for name, part in parts["distributions"].items()},
    )


@cache
def committed() -> Tables:
    """The tables that ship with this package."""
    return from_text(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8"))


def of_file(path: str | Path) -> Tables:
    """The tables of a reader's own trace, of which this package knows only what stands in it."""
    return of_trace(read(path))


def of_trace(trace: Trace) -> Tables:
    """The same, of a trace that was read."""
    about = {"whose": "A trace that you gave; whose model answered in it, this package cannot know.",
             "source": trace.name}
    return tables(trace, about | ({"form": trace.form, "reuse": trace.reuse} if trace.form else {}))


def fresh(trace: Trace) -> str:
    """What the committed file would hold if it were made from this trace."""
    return as_text(tables(trace, ABOUT))


def main() -> None:
    """Write the committed file from the trace that is named."""
    remake("zhenwu.agent.committed", FILE, fresh)


if __name__ == "__main__":
    main()

"""The model of sessions that ships with this package: `python -m zhenwu.agent.fitted ../shared/traces` fits it anew.

It holds fitted tables, no row of the trace; `tests/agent/test_fit.py` holds them equal to a fresh run.
"""

from functools import cache
from importlib.resources import files

from zhenwu.agent.committed import ABOUT
from zhenwu.agent.fit import fit_trace
from zhenwu.agent.remade import remake
from zhenwu.agent.session_model import SessionModel, from_text
from zhenwu.agent.traces import Trace

FILE = "agent_sessions.json"
MADE_BY = {
    "which": "The model of sessions that ships with this package.",
    "made_by": "zhenwu/agent/fitted.py, python -m zhenwu.agent.fitted ../shared/traces",
}


@cache
def fitted() -> SessionModel:
    """The model that ships with this package."""
    return from_text(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8"))


def fresh(trace: Trace) -> SessionModel:
    """What the file would hold if it were fitted to this trace."""
    return fit_trace(trace, ABOUT | MADE_BY)


def main() -> None:
    """Write the file from the trace that is named."""
    remake("zhenwu.agent.fitted", FILE, lambda trace: fresh(trace).as_text())


if __name__ == "__main__":
    main()

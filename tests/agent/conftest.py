"""A trace small enough to work out by hand, and the recorded one where it lies beside the repository."""

from pathlib import Path

import pytest

from zhenwu.agent.traces import COLUMNS, Trace, read

# Two sessions, rows out of order. b: one request. a: grows, waits 7 s for a tool, compacts, waits an hour for a person.
ROWS = (
    "b,100,10,5,1000,0,0,0,,tool_use,X",
    "a,200,20,110,3000,50,2000,7,2,end_turn,Y",
    "a,200,20,100,2000,100,0,0,4,tool_use,Y",
    "a,200,20,7300,1500,25,500,7188,1,,Y",
)


@pytest.fixture
def write(tmp_path):
    """Writes rows below the line of columns, and gives the file."""

    def write(*rows: str, head: str = ",".join(COLUMNS), name: str = "mine.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def small(write) -> Trace:
    return read(write(*ROWS))


@pytest.fixture(scope="session")
def recorded(shared) -> Trace:
    """The trace that the committed tables were made from."""
    return read(shared / "traces")

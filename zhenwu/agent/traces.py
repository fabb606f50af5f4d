"""Recorded agent sessions, read from a file of the reader's: one row a request, which this book calls a turn.

    trace,tool_tokens,system_tokens,t_s,in_tokens,out_tokens,prefix_hit_tokens,think_time_s,api_time_s,stop,model
    trace_0001,12974,4243,19.0,72762,296,71168,12.0,9.19,tool_use,C

`t_s` is when a request was sent, `in_tokens` the whole context that it carried, `prefix_hit_tokens` how many of those
stood at its beginning already in an earlier request of the session, `api_time_s` how long the answer took (service and
queueing). `think_time_s` is what passed between the end of an answer and this request: of the answer before, or, if
that has no time, mostly of the last one that has; then it holds requests too, and is longer than the gap between the
two requests. Rows may stand in any order.

Files of JSON lines, known by their names, are read by zhenwu/agent/json_traces.py, which says what is missing in them.
"""

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhenwu.agent import json_traces
from zhenwu.agent.fields import MOST_SECONDS, MOST_TOKENS, repeated

FILES = ("agent_sessions.csv.gz", "agent_sessions.csv")  # looked for in a folder, in this order
TEXTS = ("trace", "stop", "model")
TOKENS = ("tool_tokens", "system_tokens", "in_tokens", "out_tokens", "prefix_hit_tokens")
TIMES = ("t_s", "think_time_s", "api_time_s")
COLUMNS = (
    "trace", "tool_tokens", "system_tokens", "t_s", "in_tokens", "out_tokens", "prefix_hit_tokens", "think_time_s",
    "api_time_s", "stop", "model",
)
NEEDED = ("trace", "t_s", "in_tokens", "out_tokens")  # all other fields may be empty
GZIP = b"\x1f\x8b"
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Trace:
    """All requests as columns, one entry a request; a session's stand together, in the order of `t_s`.

    Session i is `first[i] : first[i + 1]`. Numbers are float64, NaN where the file has an empty field.
    """

    name: str  # of the file
    sessions: tuple[str, ...]
    first: NDArray[np.int64]  # [sessions + 1]
    t_s: NDArray[np.float64]  # [requests], as all below
    in_tokens: NDArray[np.float64]
    out_tokens: NDArray[np.float64]
    prefix_hit_tokens: NDArray[np.float64]
    think_time_s: NDArray[np.float64]
    api_time_s: NDArray[np.float64]
    tool_tokens: NDArray[np.float64]
    system_tokens: NDArray[np.float64]
    stop: NDArray[np.str_]
    model: NDArray[np.str_]
    form: str = ""  # what a form other than this one means and leaves out
    reuse: str = "in the same session"  # where the tokens of `prefix_hit_tokens` stood before

    def slices(self) -> Iterator[slice]:
        """The requests of each session."""
        for begin, end in zip(self.first, self.first[1:], strict=False):
            yield slice(int(begin), int(end))


def read(path: str | Path) -> Trace:
    """The trace in a file, plain or gzipped, or in a folder that holds one of FILES; JSON lines by their suffix.

    What cannot be used is a ValueError of one sentence: the file, the line, what was expected.
    """
    if not str(path):
        raise ValueError('"": is no path; expected a trace, .csv or .csv.gz, or a folder that has one')
    try:
        place = _found(Path(path))
    except OSError as error:
        raise ValueError(f"{path}: {_reason(error)}; expected a trace, .csv or .csv.gz, or a folder") from None
    if json_traces.is_json(place.name):
        form, requests = json_traces.rows(_text(place), place.name)
        return replace(_trace(place.name, requests), form=form.says, reuse=form.reuse)
    rows = list(_rows(_text(place), place.name))
    if not rows:
        raise ValueError(f"{place.name}: expected a request a line below the line of columns, and there is none")
    return _trace(place.name, rows)


def _found(path: Path) -> Path:
    if path.is_dir():
        for name in FILES:
            if (path / name).is_file():
                return path / name
        raise ValueError(f"{path}: the folder has no {' and no '.join(FILES)}; expected one of them")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: is no regular file; expected a trace, .csv or .csv.gz, or a folder that has one")
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file; expected a trace, .csv or .csv.gz, or a folder that has one")
    return path


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: is no text in UTF-8; expected a trace, .csv or .csv.gz") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ValueError(f"{path.name}: is damaged or cut off; expected a whole gzip file") from None
    except OSError as error:
        raise ValueError(f"{path.name}: {_reason(error)}; expected a file that can be read") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _rows(text: str, name: str) -> Iterator[dict[str, str | float]]:
    """The rows of COLUMNS as text and numbers, checked; other columns and lines with nothing in them are left out."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"{name}, line {line}: has a NUL character; expected comma-separated values, as text")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    filled = (fields for fields in reader if any(field.strip() for field in fields))
    try:
        head = [column.strip() for column in next(filled, [])]
        _check_head(head, name, reader.line_num)
        for fields in filled:
            where = f"{name}, line {reader.line_num}"
            if len(fields) != len(head):
                raise ValueError(f"{where}: has {len(fields)} fields; expected {len(head)}, as in the line of columns")
            row = dict(zip(head, (field.strip() for field in fields), strict=True))
            yield _checked({column: _value(column, row[column], where) for column in COLUMNS}, where)
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}; expected comma-separated values") from None


def _check_head(head: Sequence[str], name: str, line: int) -> None:
    if not head:
        raise ValueError(f"{name}: is empty; expected a line of columns: {', '.join(COLUMNS)}")
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise ValueError(f"{name}, line {line}: has no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    twice = [column for column in COLUMNS if head.count(column) > 1]
    if twice:
        raise ValueError(f"{name}, line {line}: has column {twice[0]} twice; expected it once")


def _value(column: str, text: str, where: str) -> str | float:
    if not text and column in NEEDED:
        raise ValueError(f"{where}: {column} is empty; expected {_wanted(column)}")
    if column in TEXTS:
        return text
    if not text:
        return math.nan
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    fits = value <= MOST_SECONDS if column in TIMES else value.is_integer() and value <= MOST_TOKENS
    if not fits:
        raise ValueError(f"{where}: {column} is {repeated(text)}; expected {_wanted(column)}")
    return value


def _wanted(column: str) -> str:
    if column in TOKENS:
        return f"a whole number of tokens, 0 to {MOST_TOKENS:,}"
    return f"seconds, 0 to {MOST_SECONDS:,}" if column in TIMES else "a name"


def _checked(row: dict[str, str | float], where: str) -> dict[str, str | float]:
    if row["prefix_hit_tokens"] > row["in_tokens"]:
        found, most = (f"{row[column]:.0f}" for column in ("prefix_hit_tokens", "in_tokens"))
        raise ValueError(f"{where}: prefix_hit_tokens is {found}; expected at most in_tokens, which is {most}")
    return row


def _trace(name: str, rows: Sequence[dict[str, str | float]]) -> Trace:
    sessions = tuple(dict.fromkeys(row["trace"] for row in rows))
    number = {session: index for index, session in enumerate(sessions)}
    ordered = sorted(rows, key=lambda row: (number[row["trace"]], row["t_s"]))
    counts = np.bincount([number[row["trace"]] for row in rows])
    columns = {column: np.array([row[column] for row in ordered]) for column in COLUMNS if column != "trace"}
    return Trace(name, sessions, np.concatenate([[0], np.cumsum(counts)]), **columns)

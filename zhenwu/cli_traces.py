"""`zhenwu traces`: a table of quantities, whose sessions they are, and sentences about the sums. With --generate:
sessions that never happened, written to a file, and their quantiles beside the recorded ones."""

import gzip
import re
from os.path import exists
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from zhenwu.agent.committed import committed, of_file, of_trace
from zhenwu.agent.compare import PERCENTS, Line, compared
from zhenwu.agent.fit import FEWEST_SESSIONS, fit_trace
from zhenwu.agent.fitted import fitted
from zhenwu.agent.generate import generate_trace
from zhenwu.agent.printed import HEAD, number, sentences, share, spreads
from zhenwu.agent.quantiles import tables
from zhenwu.agent.session_model import SessionModel
from zhenwu.agent.traces import Trace, read
from zhenwu.agent.write_trace import as_csv
from zhenwu.console import console
from zhenwu.cosim.files import try_folder, write_atomically
from zhenwu.cosim.table import working

MOST = 100_000  # sessions at once: about a gigabyte while they are made
PLAIN, PACKED = ".csv", ".csv.gz"
ABOUT = {"whose": "Sessions that never happened."}


def run(path: str | None, generate: str | None, seed: int, out: Path | None) -> None:
    """The command; ValueError, one sentence, for what cannot be used."""
    if generate is None:
        if out is not None:
            raise ValueError(f"--out {out}: there is nothing to write; expected --generate N as well")
        print_traces(path)
        return
    make_up(path, _count(generate), seed, _place(path, out))


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise ValueError(f"--generate {text}: expected a whole number of sessions, 1 to {MOST:,}")
    return int(text)


def _place(path: str | None, out: Path | None) -> Path:
    if out is None:
        raise ValueError("--out: is missing; expected --out FILE.csv, where the sessions are to be written")
    if not out.name.lower().endswith((PLAIN, PACKED)):
        raise ValueError(f"--out {out}: expected a name that ends with {PLAIN} or {PACKED}")
    try:
        if out.is_dir():
            raise ValueError(f"--out {out}: is a folder; expected a file")
        same = path is not None and out.exists() and exists(path) and out.samefile(path)
    except OSError as error:
        raise _unwritable(out, error) from None
    if same:
        raise ValueError(f"--out {out}: is the trace itself; expected another file")
    return out


def print_traces(path: str | None) -> None:
    """Of the trace at `path`, or of the tables that ship; ValueError, one sentence, for what is no trace."""
    with console(stderr=True).status(f"reading {escape(path or 'the tables that ship')}"):
        found = committed() if path is None else of_file(path)
    output = console()
    for name, text in found.about.items():
        output.print(f"{name}: {text}", highlight=False, markup=False, soft_wrap=True)
    columns = [*HEAD[:2], *(Column(name, justify="right") for name in HEAD[2:])]
    table = Table(*columns, box=box.SIMPLE_HEAD if output.is_terminal else box.MARKDOWN)
    for row in spreads(found):
        table.add_row(*row)
    output.print(table)
    for sentence in sentences(found):
        output.print(sentence, highlight=False, soft_wrap=True)


def make_up(path: str | None, sessions: int, seed: int, out: Path) -> None:
    """Write so many sessions like those of the trace at `path`, or of the package, and print both beside each other."""
    trace = None
    if path is not None:
        with console(stderr=True).status(f"reading {escape(path)}"):
            trace = read(path)
    try:
        try_folder(out.parent)  # before anything that takes long
    except OSError as error:
        raise _unwritable(out, error) from None
    recorded, model = (committed(), fitted()) if trace is None else (of_trace(trace), _fit(trace))
    with working(f"making up {sessions:,} sessions") as advance:
        made = generate_trace(model, seed, sessions, advance)
    with working(f"writing {len(made.t_s):,} requests to {escape(str(out))}"):
        text = as_csv(made).encode()
        try:
            write_atomically(out, gzip.compress(text, mtime=0) if out.name.lower().endswith(PACKED) else text)
        except OSError as error:
            raise _unwritable(out, error) from None
    _show(compared(recorded, tables(made, ABOUT)), console())
    told = f"{sessions:,} sessions, {len(made.t_s):,} requests made up with seed {seed}, written to {out}"
    console().print(told, highlight=False, markup=False, soft_wrap=True)


def _unwritable(out: Path, error: OSError) -> ValueError:
    return ValueError(f"--out {out}: {(error.strerror or str(error)).lower()}; expected a file that can be written")


def _fit(trace: Trace) -> SessionModel:
    if len(trace.sessions) < FEWEST_SESSIONS:
        return fit_trace(trace)  # refuses them, before a word of progress
    with working(f"fitting a model to {len(trace.sessions):,} sessions, up to a minute") as advance:
        return fit_trace(trace, ABOUT, advance)


def _show(lines: list[Line], output: Console) -> None:
    head = [name for percent in PERCENTS for name in (f"p{percent}", "made")] + ["mean", "made", "ratios"]
    table = Table("quantity", "unit", *(Column(name, justify="right") for name in head),
                  box=box.SIMPLE_HEAD if output.is_terminal else box.MARKDOWN)
    for line in lines:
        pairs = zip(line.recorded, line.made, strict=True)
        values = [number(value) for pair in pairs for value in pair]
        if line.name == "compacting":
            values[-2:] = [share(line.recorded[-1]), share(line.made[-1])]
        table.add_row(line.name, line.unit, *values, " ".join(line.shown))
    output.print(table)
    output.print("made: the same quantile of the sessions that were made up; ratios: made over recorded, in this order",
                 highlight=False, soft_wrap=True)


"""A failure in files: what repeats it in MyHDL alone, and a picture of the pins round it.

`reproduce.json` holds the states of the compiled model a few and many cycles before the first wrong one, by the place
of each register, and what the pins must be from the earlier state on, as changes. All values are hexadecimal.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hdl.bench.trace import Column
from hdl.bench.waveform import waveform
from zhenwu.cosim.files import write_atomically
from zhenwu.cosim.first_mismatch import CYCLES_BEFORE
from zhenwu.cosim.regress.harnesses import HARNESSES, Pins
from zhenwu.cosim.regress.native import SIGNATURE, Resumed, resumed
from zhenwu.cosim.regress.plan import Run
from zhenwu.cosim.regress.shrink import Shrunk, Start
from zhenwu.cosim.vcd import vcd

FILE, VCD, SVG = "reproduce.json", "wave.vcd", "wave.svg"


class BadReproduction(Exception):
    """One sentence on a file that is none of ours."""


class Reproduction(NamedTuple):
    """What a file says."""

    design: str
    seed: int
    restless: bool
    starts: list[Start]  # the latest first
    expected: list[Pins]  # from the earliest start on


def write(found: Shrunk, folder: Path) -> Path:
    """Write all three files; the path of the first."""
    run, starts = found.run, [found.short] + ([found.long] if found.long.cycle != found.short.cycle else [])
    content = {
        "about": what(run, found.shown, found.expected[found.shown.start - found.long.cycle :])[0],
        "again": f"zhenwu regress --reproduce {folder / FILE}",
        "design": run.design, "seed": run.seed, "restless": run.restless,
        "states": [
            {"cycle": start.cycle, "values": {place: hex(value) for place, value in sorted(start.state.items())}}
            for start in starts
        ],
        "expected": changes(found.expected),
    }
    write_atomically(folder / FILE, (json.dumps(content, indent=0) + "\n").encode())
    draw(run, found.shown, found.expected[found.shown.start - found.long.cycle :], folder)
    return folder / FILE


def changes(rows: Sequence[Pins]) -> dict[str, list]:
    """{pin: [[row, value], ...]}, wherever it changes; null where any value will do."""
    found: dict[str, list] = {name: [] for name in dict.fromkeys(name for row in rows for name in row)}
    for index, row in enumerate(rows):
        for name, moves in found.items():
            value = row.get(name)
            written = None if value is None else hex(value)
            if not moves or moves[-1][1] != written:
                moves.append([index, written])
    return found | {"cycles": len(rows)}


def unchanged(content: Mapping) -> list[Pins]:
    """The rows again."""
    rows: list[dict] = [{} for _ in range(content["cycles"])]
    for name, moves in content.items():
        if name == "cycles":
            continue
        for (index, written), (end, _) in zip(moves, [*moves[1:], [len(rows), None]], strict=True):
            if written is not None:
                for row in rows[index:end]:
                    row[name] = int(written, 16)
    return rows


def read(path: Path) -> Reproduction:
    """What `write` wrote; BadReproduction otherwise."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        starts = [
            Start(each["cycle"], {place: int(value, 16) for place, value in each["values"].items()})
            for each in content["states"]
        ]
        expected = unchanged(content["expected"])
        if content["design"] not in HARNESSES or not starts or not expected:
            raise ValueError
        return Reproduction(content["design"], int(content["seed"]), bool(content["restless"]), starts, expected)
    except OSError as error:
        raise BadReproduction(f"{path}: {(error.strerror or str(error)).lower()}; expected a {FILE}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise BadReproduction(f"{path}: is no reproduction; expected a {FILE} that zhenwu regress wrote") from None


def repeat(given: Reproduction, start: Start) -> tuple[Resumed, list[Pins]]:
    """Run MyHDL from one of the states; what it showed, and what it must show."""
    expected = given.expected[start.cycle - given.starts[-1].cycle :]
    harness = HARNESSES[given.design]
    return resumed(harness, start.state, start.cycle, expected, given.seed, given.restless), expected


def what(run: Run, shown: Resumed, expected: Sequence[Pins]) -> list[str]:
    """Sentences on the first difference."""
    where = f"{run.design}, seed {run.seed}, {'restless' if run.restless else 'steady'}, cycle {shown.cycle:,}"
    if shown.stopped:
        return [f"{where}: MyHDL stops with {shown.stopped}"]
    row, due = shown.rows[shown.cycle - shown.start], expected[shown.cycle - shown.start]
    lines = [f"{name} is {row[name]:#x}, expected {due[name]:#x}" for name in shown.wrong]
    return [f"{where}: {lines[0]}", *lines[1:]]


def draw(run: Run, shown: Resumed, expected: Sequence[Pins], folder: Path) -> None:
    """The pins round the first difference as VCD and SVG, for those that differ the expected values below."""
    first = max(0, shown.cycle - shown.start - CYCLES_BEFORE)
    rows, due = shown.rows[first:], expected[first : len(shown.rows)]
    columns = []
    for name, width in sorted(shown.widths.items()):
        plain = name.replace(".", "_")
        actual = [row[name] for row in rows]
        wanted = [value if (value := row.get(name)) is not None else row_shown[name]
                  for row, row_shown in zip(due, rows, strict=True)]
        columns.append(Column(plain, width, actual))
        if actual != wanted:
            columns.append(Column(f"{plain}_expected", width, wanted))
    marked = next((name for name in shown.wrong if name != SIGNATURE), SIGNATURE).replace(".", "_")
    title = "\n".join(what(run, shown, expected)[:3])
    drawing = waveform(columns, shown.start + first, title, mark_cycle=shown.cycle, mark_column=marked)
    write_atomically(folder / VCD, vcd(columns, shown.start + first, run.design).encode())
    write_atomically(folder / SVG, drawing.encode())

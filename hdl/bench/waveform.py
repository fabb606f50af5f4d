"""A trace drawn as SVG: stepped lines for bits, boxes with hex values for buses, one cell a cycle.

The value in cell c is what rising edge c samples. Payload that no `valid` covers is drawn faint, and a dot on
`valid` marks a transfer. The drawing follows the reader's light or dark setting and loads nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from hdl.bench.trace import Column

ROW = 30  # px a pin
HIGH = 18  # px between the two levels of a bit
CHARACTER = 7.3  # px of one character of the 12 px monospace font
SLOPE = 4  # px that the sides of a bus box lean
REPEAT = 10  # cells of a box after which its value is written again, so that a part of it in sight shows it
CELL_DIGITS = 8  # a cell has room for the hex digits of 32 bits, if any pin has as many

STYLE = """
.waveform { color: #1c2733; font: 12px ui-monospace, Menlo, Consolas, monospace }
.waveform .paper { fill: #ffffff }
.waveform text { fill: currentColor }
.waveform .cycle { fill: #5a6875; text-anchor: middle }
.waveform .name { text-anchor: end }
.waveform .value { text-anchor: middle }
.waveform .grid { stroke: #dfe5ea }
.waveform .bit { fill: none; stroke: #0b6b4f; stroke-width: 1.6 }
.waveform .bus { fill: #e8f1fb; stroke: #2a5d9c; stroke-width: 1.2 }
.waveform .idle { opacity: .62 }
.waveform .idle .bus { fill: none; stroke-dasharray: 2 3 }
.waveform .move { fill: #0b6b4f }
.waveform .wrong-bus { stroke-width: 2.4; stroke: #a3260c; fill: #fbe3dd }
.waveform .here { fill: #f6c1b5; opacity: .45 }
.waveform .wrong { font-weight: bold; fill: #a3260c }
@media (prefers-color-scheme: dark) {
.waveform { color: #e3e9ef }
.waveform .paper { fill: #141a20 }
.waveform .cycle { fill: #9fb0bf }
.waveform .grid { stroke: #2b3742 }
.waveform .bit { stroke: #5fd0a5 }
.waveform .bus { fill: #1d2f45; stroke: #7fb0ea }
.waveform .move { fill: #5fd0a5 }
.waveform .here { fill: #8a3320 }
.waveform .wrong-bus { stroke: #ff9d85; fill: #4a2218 }
.waveform .wrong { fill: #ff9d85 }
}
"""


@dataclass(frozen=True)
class Place:
    """Where a drawing's cells lie: the left edge of the first, and the width of each, in px."""

    left: float
    cell: float

    def x(self, index: float) -> float:
        return round(self.left + self.cell * index, 1)


def waveform(
    columns: Sequence[Column],
    first_cycle: int,
    title: str,
    *,
    mark_cycle: int | None = None,
    mark_column: str | None = None,
    show_title: bool = True,
    words: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The SVG text. `mark_cycle` is tinted, `mark_column` named in bold and its box in that cycle outlined.

    `words` name the values of a column, such as the codes of commands, by index.

    With `show_title` the title, whose lines are separated by newlines, also stands above the drawing.
    """
    cycles = len(columns[0].values) if columns else 0
    digits = max((_digits(column) for column in columns if column.width > 1), default=1)
    digits = max([digits, *(len(word) for named in (words or {}).values() for word in named)])
    left = 16 + CHARACTER * max((len(column.name) for column in columns), default=0)
    place = Place(left, max(26.0, CHARACTER * min(digits, CELL_DIGITS) + 2 * SLOPE + 4))
    headings = title.split("\n") if show_title else []
    top = 20 * len(headings) + (10 if headings else 4)  # px of the line of cycle numbers
    height = top + 28 + ROW * len(columns)
    width = max(place.x(cycles), CHARACTER * max(map(len, headings), default=0) + 16) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="waveform" role="img" width="{width:.0f}" '
        f'height="{height}" viewBox="0 0 {width:.0f} {height}" aria-label="{escape(title)}">',
        f'<title>{escape(title)}</title><style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>',
    ]
    parts += [f'<text x="8" y="{20 + 20 * line}">{escape(text)}</text>' for line, text in enumerate(headings)]
    for index in range(cycles):
        x = place.x(index)
        if first_cycle + index == mark_cycle:
            parts.append(f'<rect class="here" x="{x}" y="{top}" width="{place.cell}" height="{height - top - 4}"/>')
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top + 20}" y2="{height - 4}"/>')
        parts.append(f'<text class="cycle" x="{place.x(index + 0.5)}" y="{top + 14}">{first_cycle + index}</text>')
    by_name = {column.name: column for column in columns}
    # the names come last, on paper of their own, so that a page may keep them in sight while the rest scrolls
    names = [f'<g class="names"><rect class="paper" y="{top}" width="{left - 2:.1f}" height="{height - top}"/>']
    for row, column in enumerate(columns):
        low = top + 26 + HIGH + ROW * row
        marked = column.name == mark_column
        name_class = "name wrong" if marked else "name"
        names.append(f'<text class="{name_class}" x="{left - 8:.1f}" y="{low - 5}">{escape(column.name)}</text>')
        valid = _valid_of(column.name, by_name)
        if column.width == 1:
            parts.append(_bit(column, place, low))
        else:
            named = (words or {}).get(column.name, ())
            parts += _bus(column, valid, place, low, mark_cycle - first_cycle if marked else None, named)
        if column is valid:
            parts += _moves(column, by_name[column.name.removesuffix("valid") + "ready"], place, low)
    return "".join([*parts, *names]) + "</g></svg>\n"


def _digits(column: Column) -> int:
    return (column.width + 3) // 4


def _valid_of(name: str, by_name: dict[str, Column]) -> Column | None:
    """The `valid` column of the stream that pin `name` belongs to, if it belongs to one."""
    stream = name
    while "_" in stream:
        stream = stream.rpartition("_")[0]
        if f"{stream}_valid" in by_name and f"{stream}_ready" in by_name:
            return by_name[f"{stream}_valid"]
    return None


def _bit(column: Column, place: Place, low: int) -> str:
    points = []
    for index, value in enumerate(column.values):
        y = low - HIGH if value else low
        points += [f"{place.x(index)},{y}", f"{place.x(index + 1)},{y}"]
    return f'<polyline class="bit" points="{" ".join(points)}"/>'


def _bus(
    column: Column, valid: Column | None, place: Place, low: int, marked: int | None, named: Sequence[str]
) -> list[str]:
    """One box for each run of equal cells; the cell number `marked` lies in the outlined one."""
    shown = valid.values if valid else [1] * len(column.values)
    parts, start = [], 0
    middle, high = low - HIGH / 2, low - HIGH
    for (value, live), cells in groupby(zip(column.values, shown, strict=True)):
        end = start + len(list(cells))
        x, right = place.x(start), place.x(end)
        digits = f"{value & (1 << column.width) - 1:0{_digits(column)}x}"
        times = 1 + (end - start - 1) // REPEAT
        room = int(((right - x) / times - 2 * SLOPE) / CHARACTER)
        text = named[value] if 0 <= value < len(named) else _fit(digits, room)
        middles = [x + (right - x) * (2 * index + 1) / (2 * times) for index in range(times if text else 0)]
        words = "".join(f'<text class="value" x="{at:.1f}" y="{low - 5}">{text}</text>' for at in middles)
        wrong = marked is not None and start <= marked < end
        parts.append(
            f'<g class="{"" if live else "idle"}"><title>{column.name} = 0x{digits}</title>'
            f'<path class="bus{" wrong-bus" if wrong else ""}" d="M{x} {middle}L{x + SLOPE:.1f} {high}'
            f'H{right - SLOPE:.1f}L{right} {middle}L{right - SLOPE:.1f} {low}H{x + SLOPE:.1f}Z"/>'
            f"{words}</g>"
        )
        start = end
    return parts


def _fit(digits: str, room: int) -> str:
    """`digits`, or its beginning and end when there is no room for all."""
    if len(digits) <= room:
        return digits
    head = (room - 1) // 2
    return f"{digits[:head]}…{digits[len(digits) - (room - 1 - head):]}"


def _moves(valid: Column, ready: Column, place: Place, low: int) -> list[str]:
    return [
        f'<circle class="move" cx="{place.x(index + 0.5)}" cy="{low - HIGH}" r="3.2"/>'
        for index, both in enumerate(zip(valid.values, ready.values, strict=True))
        if all(both)
    ]

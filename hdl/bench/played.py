"""A record of `play` in words, as a table of values and as a waveform: the same when built and in the reader's page."""

from collections.abc import Mapping, Sequence
from html import escape

from hdl.bench.trace import Column
from hdl.bench.waveform import waveform

ROWS = 12  # vectors or cycles that are shown
BEFORE = 5  # of them before the first difference
HEX_FROM = 17  # bits from which on a value is written in hexadecimal


def report(record: Mapping, show: Sequence[str] = ()) -> dict[str, str]:
    """`outcome` (right, wrong or error) and pieces of HTML: `verdict`, `summary`, `table`, `wave`, `output`.

    `show` names the pins to draw, in that order; without it, all of them. The first difference is in view, if there is
    one.
    """
    output = f"<pre>{escape(record['output'])}</pre>" if record.get("output") else ""
    if record.get("error"):
        return {"outcome": "error", "verdict": _failure(record["error"]), "output": output} | dict.fromkeys(
            ("summary", "table", "wave"), ""
        )
    by_name = {column["name"]: column for column in record["columns"]}
    absent = [name for name in show if name not in by_name]
    if absent:
        raise ValueError(f"{record['block']}: no pin {absent[0]} to show; its pins: {', '.join(by_name)}")
    shown = [by_name[name] for name in show or by_name]
    first = record["first"]
    start = max(0, min(first["cycle"] - BEFORE, record["cycles"] - ROWS)) if first else record["begin"]
    window = range(start, min(start + ROWS, record["cycles"]))
    if first and by_name[first["pin"]] not in shown:
        shown.append(by_name[first["pin"]])
    return {
        "outcome": "wrong" if record["wrong"] else "right",
        "verdict": escape(verdict(record)),
        "summary": _summary(record, shown),
        "table": _table(record, shown, window),
        "wave": _wave(record, shown, window),
        "output": output,
    }


def verdict(record: Mapping) -> str:
    """One sentence: whether all values agree, or the first that does not."""
    first, unit = record["first"], _unit(record)
    if first is None:
        return f"Right: all {record['checked']} values agree, in {record['cycles']} {unit}s."
    return (
        f"Not yet: in {unit} {first['cycle']}, {first['pin']} is {_both(first['actual'])}; expected "
        f"{_both(first['expected'])}. {record['wrong']} of {record['checked']} values differ."
    )


def _failure(error: Mapping) -> str:
    if error["kind"] == "syntax":
        head = f"Syntax error in line {error['line']}: {error['message']}."
    elif error["line"]:
        head = f"Line {error['line']} raised {error['message']}."
    else:
        head = f"{error['message']}."
    text = f" <code>{escape(error['text'])}</code>" if error["text"] else ""
    trace = "".join(f"<li><code>{escape(line)}</code></li>" for line in error["trace"][:-1])
    return escape(head) + text + (f"<ol class='live-trace'>{trace}</ol>" if trace else "")


def _unit(record: Mapping) -> str:
    return "cycle" if record["clocked"] else "vector"


def _both(value: int) -> str:
    """A value in decimal and hexadecimal."""
    return f"{value} ({value:#x})"


def _plain(value: int | None, width: int) -> str:
    return "any" if value is None else f"{value:#x}" if width >= HEX_FROM else str(value)


def _summary(record: Mapping, shown: Sequence[Mapping]) -> str:
    """What the waveform says, a sentence a pin over the whole run."""
    items = []
    by_name = {column["name"]: column for column in record["columns"]}
    for column in shown:
        name, values, width = column["name"], column["values"], column["width"]
        changes = sum(before != after for before, after in zip(values, values[1:], strict=False))
        if width == 1:
            text = f"1 in {sum(values)} of {len(values)} {_unit(record)}s"
        else:
            text = f"{width} bits, {_plain(min(values), width)} to {_plain(max(values), width)}"
        text += f", {changes} changes" if changes != 1 else ", 1 change"
        ready = by_name.get(name.removesuffix("valid") + "ready") if name.endswith("_valid") else None
        if ready:
            moved = sum(a and b for a, b in zip(values, ready["values"], strict=True))
            text += f"; {moved} transfers"
        items.append(f"<li><code>{escape(name)}</code>: {text}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _table(record: Mapping, shown: Sequence[Mapping], window: range) -> str:
    """The values in the window: a row a vector or cycle, an expected value beside each output."""
    heads, body, first = [_unit(record)], [], record["first"]
    for column in shown:
        heads += [column["name"], *([f"{column['name']}, expected"] if "expected" in column else [])]
    for at in window:
        cells = []
        for column in shown:
            wrong = first is not None and first["cycle"] == at and first["pin"] == column["name"]
            mark, note = (" class='wrong'", " <strong>differs</strong>") if wrong else ("", "")
            cells.append(f"<td{mark}>{_plain(column['values'][at], column['width'])}{note}</td>")
            if "expected" in column:
                cells.append(f"<td>{_plain(column['expected'][at], column['width'])}</td>")
        body.append(f"<tr><th scope='row'>{at}</th>{''.join(cells)}</tr>")
    caption = f"The pins in {_unit(record)}s {window[0]} to {window[-1]} of {record['cycles']}."
    head = "".join(f"<th scope='col'>{escape(each)}</th>" for each in heads)
    return f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"


def _wave(record: Mapping, shown: Sequence[Mapping], window: range) -> str:
    columns = [Column(each["name"], each["width"], each["values"][window[0] : window[-1] + 1]) for each in shown]
    first = record["first"] or {}
    span = f"{_unit(record)}s {window[0]} to {window[-1]}"
    title = f"Waveform of {record['block']}, {span}; the table below has the same values"
    return waveform(
        columns, window[0], title, mark_cycle=first.get("cycle"), mark_column=first.get("pin"), show_title=False
    )

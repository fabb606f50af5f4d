"""A trace as the text that `zhenwu traces` reads."""

import csv
import io
import math

from zhenwu.agent.traces import COLUMNS, TEXTS, Trace


def as_csv(trace: Trace) -> str:
    """A line of columns and a row a request, in the order of the trace; what is not known stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    columns = {name: getattr(trace, name).tolist() for name in COLUMNS if name != "trace"}
    shown = [values if name in TEXTS else list(map(_number, values)) for name, values in columns.items()]
    sessions = [name for name, part in zip(trace.sessions, trace.slices(), strict=True)
                for _ in range(part.stop - part.start)]
    writer.writerows(zip(sessions, *shown, strict=True))
    return text.getvalue()


def _number(value: float) -> str:
    """As short as reads back the same; nothing if it is not known."""
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)

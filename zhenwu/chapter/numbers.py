"""Numbers that the prose quotes: a cell keeps each under a name, the page's text asks for it by that name.

`keep("dot", 131, "simulated", "mx_dot in MyHDL", "quarters")` shows a line under its cell. In the text the role
number with `dot` then gives the number with its badge, and the role value without, for where it was said before. Both
read the line: see `book/_ext/number_role.py`.
"""

import json
import re
from html import escape

import numpy as np

from zhenwu.chapter.questions import predictions, revealed
from zhenwu.chapter.show import Html, show, written
from zhenwu.spec.sourced import KINDS, Sourced

SIMULATED = "simulated"  # made by running this package's hardware
BADGES = (*(kind for kind in KINDS if kind != "unknown"), SIMULATED)


def keep(
    name: str,
    value: int | float | str | np.generic | Sourced,
    kind: str = "",
    source: str = "",
    unit: str = "",
    form: str = "",
) -> None:
    """Keep `value` as `name` for the text; if it was predicted under that name, show the prediction too.

    A Sourced value brings its kind, source and unit; any other needs a kind out of BADGES and a source, a few
    words. `form` is a format specification. A missing kind or source, or a name that is no lower-case
    identifier, raises ValueError.
    """
    key = ""
    if isinstance(value, Sourced):
        kind, unit, key = value.kind, unit or value.unit, value.key
        source, value = value.source[0].title, value.value
    if isinstance(value, np.generic):
        value = value.item()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f'"{name}": expected a lower-case identifier as the name of a number')
    if kind not in BADGES:
        raise ValueError(f'{name} has kind "{kind}": expected one of {", ".join(BADGES)}')
    if not source:
        raise ValueError(f"{name} names no source: expected where it comes from, in a few words")
    text = written(value, form)
    number = {"name": name, "value": value, "text": text, "unit": unit, "kind": kind, "source": source, "key": key}
    quantity = f"{escape(text)}&nbsp;{escape(unit)}" if unit else escape(text)
    line = (
        f'<div class="kept-line" id="kept-{name}" data-number="{escape(json.dumps(number))}"><code>{name}</code> = '
        f'{quantity}, <span class="kind kind-{kind}">{kind}</span>: {escape(source)}</div>'
    )
    show(Html(line, f"{name} = {text} {unit}".rstrip() + f" ({kind}: {source})"))
    if name in predictions:
        show(revealed(name, value, f"{text} {unit}".rstrip()))

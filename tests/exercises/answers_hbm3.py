"""Right and wrong answers to the exercises of "HBM3 from the cell up", as `answers.py` has the others."""

import math
from collections.abc import Sequence
from typing import Any

from tests.exercises.converted import live_cells, live_source
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES

SOURCE = "hdl/hbm/activate_window.py"


def package() -> str:
    return live_source(f":source: {SOURCE}", exchange=False)


def given() -> str:
    """The live cell as the page has it."""
    return live_cells("hbm3_from_the_cell_up")["activate_window_bug"][1]


def by_rules(before: Sequence[tuple[int, str, int, int]], op: str, group: int, bank: int, window: bool = True) -> int:
    allowed = [0]
    for rule in TIMING_RULES:
        same = {"bank": lambda g, b: (g, b) == (group, bank), "bank_group": lambda g, b: g == group}
        inside = same.get(rule.scope, lambda g, b: True)
        counted = [at for at, kind, g, b in before if kind in rule.precedents and inside(g, b)]
        back = rule.window if window else 1
        if rule.following == op and not rule.sibling and len(counted) >= back and (window or rule.window == 1):
            allowed.append(counted[-back] + rule.cycles(HBM3_6400))
    return max(allowed)


HBM3_RIGHT: dict[str, Any] = {
    "ex-cells": lambda cell, each, half, least: max(0, int(cell * (half / least - 1) / each)),
    "ex-earliest": by_rules,
    "ex-window": package().replace("& last_ck) == ((ck + LOOK_AHEAD) & last_ck)", "- ck) & last_ck == LOOK_AHEAD"),
    "ex-share": lambda percent, rrds, faw, burst: math.ceil(percent / 100 * max(rrds, faw / 4) / burst),
}
HBM3_WRONG: dict[str, Any] = {
    "ex-cells": lambda cell, each, half, least: max(0, cell * half // (each * least)),  # the cell's own part forgotten
    "ex-earliest": lambda *case: by_rules(*case, window=False),  # every rule but the window
    "ex-window": given().replace("== ck:", "== (ck + 1) & last_ck:"),
    "ex-share": lambda percent, rrds, faw, burst: math.ceil(percent / 100 * faw / 4 / burst),  # the window alone
}

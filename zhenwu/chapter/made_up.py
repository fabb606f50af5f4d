"""Made-up sessions inside a chapter: pictures of how near they are, the model without its ties, and their reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zhenwu.agent.compare import HELD, Line
from zhenwu.agent.quantiles import COMPACTED
from zhenwu.agent.session_model import OUTSIDE, QUANTITIES, SessionModel
from zhenwu.agent.traces import Trace
from zhenwu.chapter.figure import BLUE, MUTED, RED, SAND
from zhenwu.chapter.kv_reads import Manner
from zhenwu.spec.chips import GROUP
from zhenwu.spec.kv_cache import PAGE, page_lines
from zhenwu.spec.models import STAND_IN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RUN = 8  # lines that lie side by side in the reads
COLOURS = (BLUE, SAND, RED)


def ratio_dots(place: "Axes", lines: Sequence[Line]) -> None:
    """A row a quantity: a dot for each of HELD, a cross for the last percentile, and a band of a tenth round 1."""
    for row, line in enumerate(lines):
        place.plot(line.ratios[: len(HELD)], [row] * len(HELD), "o", ms=4, color=BLUE)
        place.plot(line.ratios[len(HELD)], row, "x", color=RED)
    place.axvspan(0.9, 1.1, color=MUTED, alpha=0.25)
    _name_rows(place, [line.name for line in lines], 0)


def bars(place: "Axes", names: Sequence[str], groups: Mapping[str, Sequence[float]]) -> None:
    """For each name a bar of each group, side by side."""
    width = 0.8 / len(groups)
    for group, (values, colour) in enumerate(zip(groups.values(), COLOURS, strict=False)):
        place.barh(np.arange(len(names)) + group * width, list(values), width, color=colour, label=list(groups)[group])
    _name_rows(place, names, 0.4 - width / 2)


def _name_rows(place: "Axes", names: Sequence[str], shift: float) -> None:
    place.set(yticks=np.arange(len(names)) + shift, yticklabels=names)
    place.invert_yaxis()


def contexts(trace: Trace, turns: int, compactions: int) -> list[list[float]]:
    """The contexts of the sessions with at least so many turns and just so many compactions."""
    found = [trace.in_tokens[part] for part in trace.slices() if part.stop - part.start >= turns]
    return [each.tolist() for each in found if (each[1:] < COMPACTED * each[:-1]).sum() == compactions]


def without_ties(model: SessionModel) -> SessionModel:
    """The same tables, limits and ends; but no leanings and no moods, so that each turn draws for itself."""
    outside, inside = len(OUTSIDE), len(QUANTITIES)
    none = (0.0,) * inside
    rows = tuple((*row[:outside], *none) for row in model.spread[:outside])
    kinds = tuple(replace(each, means=(*each.means[:outside], *none)) for each in model.kinds)
    return replace(model, spread=(*rows, *((0.0,) * (outside + inside),) * inside), kinds=kinds, mood=none,
                   rest=(1.0,) * inside)


def read_of(context: float) -> Manner:
    """The read of one layer's keys and values of so many tokens, on one pseudo-channel of a group, in short runs."""
    lines = context * page_lines(STAND_IN).value / PAGE.value / GROUP.value
    return Manner(RUN * max(1, round(lines / RUN)), RUN, {"refresh_enable": False})

"""What the chapter on the small agent draws: error rates with their intervals, survival beside its hypothesis, hazards.

Cells are those of the study; what reads them (`zhenwu/study/found.py`) comes along for the chapter.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zhenwu.agent.binomial import interval
from zhenwu.chapter.figure import BLUE, GREEN, MUTED, RED, SAND
from zhenwu.study.found import (
    MILLION,
    Cell,
    after_first,
    all_of,
    beside_fp32,
    caught,
    cell,
    compared,
    expected,
    factor,
    half_left,
    label,
    last,
    per_million,
    price,
    slope,
    survivors,
    trend,
    until_first,
)
from zhenwu.study.summary import AT_CALLS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "MILLION", "after_first", "all_of", "before_and_after", "beside_fp32", "cache_lines", "caught",
    "cell", "compared", "error_bars", "expected", "factor", "half_left", "hazard", "label", "last", "left_bars",
    "lost_bars", "per_million", "price", "slip_bars", "slope", "survival_lines", "trend", "until_first",
]

COLOURS = (BLUE, RED, GREEN, SAND, MUTED)
LEAST = 1.0  # wrong turns in a million: the left end of the axis
STEPS = sorted({*(2**power for power in range(14)), *AT_CALLS})  # calls along a curve
Lines = dict[str, list[tuple[float, float]]]


def error_bars(place: "Axes", cells: Sequence[Cell], colours: Sequence[str] = ()) -> None:
    """The hazard of each cell in a million turns, on a logarithmic axis; where none was wrong, the interval alone."""
    for row, each in enumerate(cells):
        colour, first = colours[row] if colours else BLUE, until_first(each)
        place.plot([max(LEAST, MILLION * first.low), MILLION * first.high], [row, row], color=colour, lw=2)
        if first.k:
            place.plot([MILLION * first.value], [row], "o", color=colour, ms=5)
    place.set(xscale="log", xlabel="first wrong turns in a million", yticks=range(len(cells)),
              yticklabels=[label(each) for each in cells])
    place.invert_yaxis()


def survival_lines(place: "Axes", cells: Mapping[str, Cell]) -> Lines:
    """Draw for each cell what was measured, with intervals, and (1 - e)^turns as far as it was run; their points."""
    lines: Lines = {}
    for (name, each), colour in zip(cells.items(), COLOURS, strict=False):
        found = survivors(each)
        curve = [(calls, 100 * expected(each, calls)) for calls in STEPS if calls <= each["calls"]]
        measured = [(calls, 100 * share.value) for calls, share in found]
        place.plot(*zip(*curve, strict=True), "--", color=colour, label=f"{name}, if constant")
        place.plot(*zip(*measured, strict=True), "o", color=colour, ms=5, label=f"{name}, measured")
        for calls, share in found:
            place.plot([calls, calls], [100 * share.low, 100 * share.high], color=colour, alpha=0.5,
                       gid=f"{name}, measured")
        lines |= {f"{name}, measured": measured, f"{name}, if constant": curve}
    place.set(xscale="log", ylim=(-3, 105))
    return lines


def hazard(place: "Axes", cells: Mapping[str, Cell], column: str) -> None:
    """Wrong turns in a million by bins of a column, with intervals; each cell beside the others."""
    names: list[str] = []
    for shift, ((name, each), colour) in enumerate(zip(cells.items(), COLOURS, strict=False)):
        for low, high, turns, wrong in each["bins"][column]:
            span = f"{low:,}" if high == low + 1 else f"{low:,} to {high - 1:,}"
            names += [] if span in names else [span]
            at = names.index(span) + 0.2 * shift
            bottom, top = (MILLION * end for end in interval(wrong, turns))
            place.plot([at, at], [max(LEAST, bottom), top], color=colour, lw=2, label=name if low == 0 else None)
            if wrong:
                place.plot([at], [MILLION * wrong / turns], "o", color=colour, ms=4)
    place.set(yscale="log", xticks=range(len(names)), ylabel="wrong turns in a million")
    place.set_xticklabels(names, rotation=40, ha="right")


def before_and_after(place: "Axes", cells: Sequence[Cell]) -> None:
    """Wrong turns in a million up to a session's first wrong one, and of all after it."""
    for row, each in enumerate(cells):
        for part, shift, colour in ((until_first(each), -0.15, BLUE), (after_first(each), 0.15, RED)):
            if part.n:
                ends = [max(LEAST, MILLION * end) for end in (part.low, part.high)]
                place.plot(ends, [row + shift] * 2, color=colour, lw=2)
            if part.k:
                place.plot([MILLION * part.value], [row + shift], "o", color=colour, ms=5)
    place.set(xscale="log", xlabel="wrong turns in a million", yticks=range(len(cells)),
              yticklabels=[label(each) for each in cells])
    place.invert_yaxis()


def left_bars(place: "Axes", cells: Sequence[Cell]) -> None:
    """What is left of each cell's sessions after its last calls."""
    for row, each in enumerate(cells):
        _, end = last(each)
        place.plot([100 * end.low, 100 * end.high], [row, row], color=BLUE, lw=2)
        place.plot([100 * end.value], [row], "o", color=BLUE, ms=5)
    place.set(xlabel="percent of sessions left", xlim=(0, 103), yticks=range(len(cells)),
              yticklabels=[f"{label(each)},\n{last(each)[0]:,} calls" for each in cells])
    place.invert_yaxis()


def lost_bars(place: "Axes", cells: Sequence[Cell]) -> None:
    """How checked sessions were lost: a bar a cell, split by which of the first two opinions was wrong."""
    for row, each in enumerate(cells):
        left = 0
        for (name, count), colour in zip(each["lost"].items(), COLOURS, strict=False):
            place.barh(row, count, left=left, color=colour, label=None if row else name)
            left += count
    place.set(yticks=range(len(cells)), xlabel="sessions lost",
              yticklabels=[f"{label(each)},\n{each['sessions']} sessions of {each['calls']:,} calls" for each in cells])
    place.invert_yaxis()
    place.legend(title="wrong on the turn", ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))


def cache_lines(place: "Axes", formats: Sequence[str]) -> Lines:
    """Draw the hazard by the context's limit, a line for each format of the KV cache; their points."""
    lines: Lines = {}
    for form, colour in zip(formats, COLOURS, strict=False):
        lines[form.upper()] = [(each["context"], MILLION * until_first(each).value)
                               for each in all_of(group="kv", kv=form)]
        place.plot(*zip(*lines[form.upper()], strict=True), "o-", color=colour, label=form.upper())
    place.set(xscale="log", yscale="symlog", ylim=(0, 2 * MILLION))
    place.legend(title="cache")
    return lines


def slip_bars(place: "Axes", parts: Mapping[str, Mapping[str, int]]) -> None:
    """Wrong turns by the part in which they begin, a bar for each kind of agent."""
    names = sorted({part for found in parts.values() for part in found})
    for index, ((name, found), colour) in enumerate(zip(parts.items(), COLOURS, strict=False)):
        at = [row + 0.35 * index for row in range(len(names))]
        place.barh(at, [found.get(part, 0) for part in names], 0.35, color=colour, label=name)
    place.set(yticks=[row + 0.175 for row in range(len(names))], yticklabels=names, xlabel="wrong turns")
    place.invert_yaxis()
    place.legend()

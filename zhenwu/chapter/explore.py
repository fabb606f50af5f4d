"""A figure to read values off: static SVG, a table of its points, and where each point lies in the SVG.

How to add one. Draw as for `figure`, label what is drawn with the name of its line, and hand its points over:

    drawn, place = axes()
    place.loglog(tokens, took, "o-", label="the whole product")
    place.loglog(tokens, array, "s--", label="the array alone")
    explore(drawn, "What a token costs.", "Both lines fall; the dashed one is level from four tokens on.",
            "tokens", "CK per token",
            {"the whole product": list(zip(tokens, took)), "the array alone": list(zip(tokens, array))})

In the page `book/_extra/figures.js` adds a cursor, a readout and a box for each line, all from the table: without
script, in a notebook and on paper there are the figure and its fold "Values". Words that belong to a line, such as its
name written at its end, disappear with it if their `gid` is its name.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from zhenwu.chapter.figure import drawing, rendered
from zhenwu.chapter.show import Html, written

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

DIGITS = 4  # significant ones of a value that is not whole
MOST_DECIMALS = 8  # beyond which a small number is written with an exponent
POINTS_PER_INCH = 72  # the unit of Matplotlib's SVG
SCROLLS = "max-height: 20em; overflow: auto"  # in a notebook too, which has no style sheet of ours
SLACK = 0.5  # points by which a value may lie on the edge of the axes
Point = tuple[float, float]
Lines = Mapping[str, Sequence[Point]]


def explore(
    drawn: "Figure", caption: str, alt: str, x: str, y: str, lines: Lines, place: "Axes | None" = None
) -> Html:
    """As `figure`, with the points of each line, in data coordinates of `place` (the figure's first axes), to read off.

    `x` and `y` say what the coordinates are, with unit; an axis without a label gets them. ValueError if a line has no
    points, an x twice, a point that is no pair of finite numbers or lies outside the axes, or if nothing in the figure
    is labelled with its name.
    """
    place = place or drawn.axes[0]
    rows = _rows(lines)
    place.set(xlabel=place.get_xlabel() or x, ylabel=place.get_ylabel() or y)
    for number, name in enumerate(lines):
        artists = list(_artists(drawn, name))
        if not artists:
            raise ValueError(f'line "{name}": expected something drawn with label="{name}"')
        for artist in artists:
            artist.set_gid(f"line-{number}")
    shown = drawing(rendered(drawn, caption), caption, alt)
    fold = _fold(caption, x, y, list(lines), rows, place)
    return Html(f'<div class="explore">{shown.html}{fold}</div>', shown.text)


def _rows(lines: Lines) -> dict[float, dict[str, float]]:
    """The value of each line that has one, by x, from the left."""
    if not lines:
        raise ValueError("lines: expected at least one line with its points")
    rows: dict[float, dict[str, float]] = {}
    for name, points in lines.items():
        if not len(points):
            raise ValueError(f'line "{name}": expected at least one point')
        for point in points:
            across, upwards = _pair(name, point)
            if name in rows.setdefault(across, {}):
                raise ValueError(f'line "{name}": x = {across:g} stands there twice, expected each x once')
            rows[across][name] = upwards
    return dict(sorted(rows.items()))


def _pair(name: str, point: Iterable[float]) -> Point:
    try:
        across, upwards = map(float, point)
    except (TypeError, ValueError):
        across = upwards = float("nan")
    if not isfinite(across) or not isfinite(upwards):
        raise ValueError(f'line "{name}", point {point}: expected a pair of finite numbers')
    return across, upwards


def _artists(drawn: "Figure", name: str) -> Iterable["Artist"]:
    """What is drawn of the line: by label or gid, the parts of a group such as bars, and its entry in a legend."""
    yield from drawn.findobj(lambda artist: name in (artist.get_label(), artist.get_gid()))
    for place in drawn.axes:
        for group in place.containers:
            if group.get_label() == name:
                yield from group.get_children()
    for legend in [*drawn.legends, *filter(None, (place.get_legend() for place in drawn.axes))]:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            if text.get_text() == name:
                yield from (handle, text)


def _fold(
    caption: str, x: str, y: str, names: Sequence[str], rows: Mapping[float, Mapping[str, float]], place: "Axes"
) -> str:
    """The table of all points, folded; each number also says where it lies in the SVG's own coordinates."""
    (_, bottom), (_, top) = frame = _placed(place, place.transAxes, [(0, 0), (1, 1)])
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in (x, *names))
    body = "".join(
        f"<tr>{_cells(across, text, rows[across], names, place, frame)}</tr>"
        for across, text in zip(rows, _apart(list(rows)), strict=True)
    )
    return (
        f'<details class="values"><summary>Values</summary><div class="wide" style="{SCROLLS}" tabindex="0" '
        f'role="region" aria-label="Values: {escape(caption)}"><table class="side-by-side numbers" '
        f'data-top="{top:.2f}" data-bottom="{bottom:.2f}"><caption>{escape(y)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _cells(
    across: float, text: str, values: Mapping[str, float], names: Sequence[str], place: "Axes", frame: Sequence[Point]
) -> str:
    """One row of the table: x, in words too, and the value of each line that has one."""
    (left, bottom), (right, top) = frame
    found = ""
    for name in names:
        if name not in values:
            found += "<td></td>"
            continue
        ((column, height),) = _placed(place, place.transData, [(across, values[name])])
        if not (left - SLACK <= column <= right + SLACK and top - SLACK <= height <= bottom + SLACK):
            raise ValueError(f'line "{name}", point ({across:g}, {values[name]:g}): expected it inside the axes')
        found += f'<td data-y="{height:.2f}">{_text(values[name])}</td>'
    return f'<th scope="row" data-x="{column:.2f}">{text}</th>{found}'


def _placed(place: "Axes", transform: "Transform", points: Sequence[Point]) -> Sequence[Point]:
    """Where the SVG has points that `transform` takes to pixels, by the layout of the last drawing.

    A figure's layout is one of fractions: those are the same in the SVG, whatever the figure's own resolution.
    """
    drawn = place.get_figure(root=True)
    width, height = POINTS_PER_INCH * drawn.get_size_inches()
    shares = drawn.transFigure.inverted().transform(transform.transform(points))
    return [(across * width, (1 - upwards) * height) for across, upwards in shares]


def _apart(values: Sequence[float]) -> list[str]:
    """Numbers in words of their own: as many digits as tell any two apart."""
    for digits in range(DIGITS, 18):
        texts = [_text(value, digits) for value in values]
        if len(set(texts)) == len(values):
            break
    return texts


def _text(value: float, digits: int = DIGITS) -> str:
    """A whole number in full, any other to so many significant digits."""
    if value == round(value):
        return written(int(value))
    decimals = max(0, digits - 1 - floor(log10(abs(value))))
    return written(value, f",.{decimals}f" if decimals <= max(MOST_DECIMALS, digits) else f".{digits}g")

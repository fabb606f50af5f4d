"""Figures as inline SVG: text stays text, colours follow the page's light or dark theme, and each has words."""

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from hdl.bench.trace import Column
from hdl.bench.waveform import waveform
from zhenwu.chapter.show import Html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# One name a role; the page's style sheet redefines the variables `--figure-<role>` for its dark theme.
COLOURS = {
    "ink": "#1c2733",
    "muted": "#5a6875",
    "grid": "#dfe5ea",
    "blue": "#2a5d9c",
    "green": "#0b6b4f",
    "red": "#a3260c",
    "sand": "#b98a2e",
}
INK, MUTED, GRID, BLUE, GREEN, RED, SAND = COLOURS.values()
LEAST_WORDS = 8


def style() -> dict[str, object]:
    """Matplotlib settings of every figure: `plt.rcParams.update(style())` is done by `axes`."""
    return {
        "svg.fonttype": "none",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.xmargin": 0.08,  # room for the number behind a bar
        "grid.color": GRID,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
    }


def axes(width: float = 5.6, height: float = 2.6, columns: int = 1):
    """(figure, axes) in the book's style, inches; several `columns` give a list of axes with one y axis."""
    import matplotlib
    from matplotlib import pyplot

    matplotlib.use("agg", force=False)
    pyplot.rcParams.update(style())
    return pyplot.subplots(1, columns, figsize=(width, height), sharey=columns > 1)


def figure(drawn: "Figure", caption: str, alt: str) -> Html:
    """A finished matplotlib figure with a caption below and `alt` for who cannot see it; closes the figure."""
    return drawing(rendered(drawn, caption), caption, alt)


def rendered(drawn: "Figure", caption: str) -> str:
    """SVG text of a finished matplotlib figure in the page's colours; closes the figure.

    A group with an id is left without it, since ids repeat from figure to figure and may stand once on a page; from an
    artist whose gid is `line-0` comes a group with `data-line="0"`, as often as there are such artists.
    """
    from matplotlib import pyplot, rc_context

    text = io.StringIO()
    with rc_context({"svg.hashsalt": caption}):
        drawn.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    pyplot.close(drawn)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="line-(\d+)"', r'<g data-line="\1"', svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for role, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--figure-{role}, {colour})")
    return svg


def drawing(svg: str, caption: str, alt: str) -> Html:
    """An SVG with a caption, in a box of its own that scrolls; `alt` says what it shows, in a sentence or more."""
    if len(alt.split()) < LEAST_WORDS:
        raise ValueError(f'alt text "{alt}": expected a sentence that says what the figure shows')
    # The words go on the box, which a reader can reach; what is inside is one picture to a screen reader.
    opening = re.match(r"<svg[^>]*>", svg)[0]
    plain = re.sub(r'\s(role|aria-label)="[^"]*"', "", opening)
    svg = svg.replace(opening, plain.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1), 1)
    return Html(
        f'<figure class="drawing"><div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"{svg}</div><figcaption>{escape(caption)}</figcaption></figure>",
        f"[figure] {caption} {alt}",
    )


def waves(
    pins: Mapping[str, tuple[int, Sequence[int]]], caption: str, alt: str, *, wrong: tuple[str, int] | None = None,
    first: int = 0, words: Mapping[str, Sequence[str]] | None = None,
) -> Html:
    """A waveform of pins by name: each its width in bits and its values, one a cycle from `first` on.

    `wrong` = (pin, cycle) is drawn in red; `words` name the values of a pin by index.
    """
    pin, cycle = wrong or (None, None)
    columns = [Column(name, width, [int(value) for value in values]) for name, (width, values) in pins.items()]
    svg = waveform(columns, first, caption, mark_cycle=cycle, mark_column=pin, show_title=False, words=words)
    return drawing(svg, caption, alt)

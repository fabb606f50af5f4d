"""The study's figures, as files beside its tables: who survives, what a format costs, whether age tells."""

import math
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

BLUE, RED, GREEN, GREY = "#2a5d9c", "#a3260c", "#0b6b4f", "#5a6875"


def draw(found: dict[str, Any], out: Path) -> None:
    """Write errors.svg, survival.svg and age.svg, as far as the cells have what they show."""
    cells = found["cells"]
    for name, picture in (("errors", errors(cells)), ("survival", survival(cells)), ("age", age(cells))):
        part = out / f"{name}.svg.part"
        picture.savefig(part, format="svg")
        part.replace(out / f"{name}.svg")


def short(cell: dict[str, Any]) -> str:
    """A cell in a few words."""
    return (f"{cell['format']}, {cell['weights']}{', checked' if cell['checked'] else ''}"
            f"{', reset' if cell['harness'] == 'reset' else ''}, context {cell['context']}")


def errors(cells: list[dict[str, Any]]) -> Figure:
    """Wrong turns a turn of every cell, with its interval; a cell without an error shows the interval's end alone."""
    figure = Figure(figsize=(8, 1 + 0.22 * len(cells)), layout="constrained")
    axes = figure.subplots()
    for row, cell in enumerate(cells):
        colour = GREEN if cell["checked"] else BLUE if cell["weights"] == "plain" else RED
        axes.plot([max(cell["low"], 1e-7), cell["high"]], [row, row], color=colour)
        if cell["wrong"]:
            axes.plot(cell["error"], row, "o", color=colour, markersize=4)
    axes.set_xscale("log")
    axes.set_yticks(range(len(cells)), [short(cell) for cell in cells], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("wrong turns a turn, 95 %; blue: as trained, red: through four bits, green: checked", fontsize=8)
    axes.grid(axis="x", color="#dfe5ea")
    return figure


def survival(cells: list[dict[str, Any]]) -> Figure:
    """Sessions without a wrong turn after so many calls; dashed what (1 - e)^calls foretells."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    longest = max((cell["calls"] or 0 for cell in cells), default=0)
    for place, cell in enumerate(cell for cell in cells if cell["calls"] == longest or cell["group"] == "headline"):
        points = [(s["calls"], s["survived"] / s["of"], s["low"], s["high"]) for s in cell["survival"]]
        colour = (BLUE, RED, GREEN, GREY)[place % 4]
        calls = [point[0] for point in points]
        low = [share - point for _, share, point, _ in points]
        high = [point - share for _, share, _, point in points]
        axes.errorbar(calls, [point[1] for point in points], [low, high], fmt="o", color=colour, capsize=3,
                      label=short(cell))
        axes.plot(calls, [math.exp(n * math.log1p(-cell["error"])) for n in calls], "--", color=colour)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("tool calls")
    axes.set_ylabel("sessions without a wrong turn")
    axes.legend(fontsize=7)
    return figure


def age(cells: list[dict[str, Any]]) -> Figure:
    """Wrong turns a turn against calls, context, compactions and own errors in context, of the cells with the most."""
    figure = Figure(figsize=(10, 3), layout="constrained")
    most = sorted(cells, key=lambda cell: cell["wrong"], reverse=True)[:3]
    for axes, name in zip(figure.subplots(1, 4), ("call", "context", "compactions", "errors_in_context"), strict=True):
        for cell, colour in zip(most, (BLUE, RED, GREEN), strict=False):
            bins = [(low, wrong / turns) for low, _, turns, wrong in cell["bins"][name] if turns > 100]
            axes.plot([1 + low for low, _ in bins], [rate for _, rate in bins], "o-", color=colour, markersize=3,
                      label=short(cell))
        axes.set_xscale("log")
        axes.set_yscale("symlog", linthresh=1e-4)  # a bin without an error is at zero
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"1 + {name.replace('_', ' ')}", fontsize=8)
    figure.axes[0].set_ylabel("wrong turns a turn")
    figure.axes[0].legend(fontsize=6)
    return figure

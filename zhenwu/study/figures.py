"""The study's figures, as files beside its tables: who survives, what a format costs, whether age tells."""

import math
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from zhenwu.agent.binomial import interval
from zhenwu.study.summary import EDGES

COLOURS = BLUE, RED, GREEN, *_ = "#2a5d9c", "#a3260c", "#0b6b4f", "#b98a2e", "#6b3fa0", "#5a6875"
FEWEST, LEAST = 20, 1e-6  # turns of a bin that is shown; the lower end of an axis


def draw(found: dict[str, Any], out: Path) -> None:
    """Write errors.svg, survival.svg and age.svg, as far as the cells have what they show."""
    cells = found["cells"]
    for name, picture in (("errors", errors(cells)), ("survival", survival(cells)), ("age", age(cells))):
        part = out / f"{name}.svg.part"
        picture.savefig(part, format="svg")
        part.replace(out / f"{name}.svg")


def short(cell: dict[str, Any]) -> str:
    """A cell in a few words."""
    checked = f", checked by {cell['check']}" if cell["check"] else ""
    return (f"{cell['format']}, {cell['weights']}{checked}"
            f"{', reset' if cell['harness'] == 'reset' else ''}, context {cell['context']}")


def errors(cells: list[dict[str, Any]]) -> Figure:
    """Wrong turns a turn of every cell, with its interval; a cell without an error shows the interval's end alone."""
    figure = Figure(figsize=(8, 1 + 0.22 * len(cells)), layout="constrained")
    axes = figure.subplots()
    for row, cell in enumerate(cells):
        colour = GREEN if cell["check"] else BLUE if cell["weights"] == "plain" else RED
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
    """Sessions without a wrong turn after so many calls; dashed what (1 - e)^calls foretells from the hazard e."""
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    for cell, colour in zip(longest(cells), COLOURS, strict=False):
        points = [(s["calls"], s["survived"] / s["of"], s["low"], s["high"]) for s in cell["survival"]]
        calls = [point[0] for point in points]
        low = [share - point for _, share, point, _ in points]
        high = [point - share for _, share, _, point in points]
        axes.errorbar(calls, [point[1] for point in points], [low, high], fmt="o", color=colour, capsize=3,
                      label=short(cell))
        axes.plot(calls, [math.exp(n * math.log1p(-cell["hazard"])) for n in calls], "--", color=colour)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("tool calls")
    axes.set_ylabel("sessions without a wrong turn")
    axes.legend(fontsize=7, loc="lower left")
    return figure


def age(cells: list[dict[str, Any]]) -> Figure:
    """The hazard against calls, context and compactions, and wrong turns a turn against own errors in the context."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    for axes, (name, edges) in zip(figure.subplots(1, len(EDGES)), EDGES.items(), strict=True):
        for shift, (cell, colour) in enumerate(zip(longest(cells), COLOURS, strict=False)):
            for low, _, turns, wrong in cell["bins"][name]:
                if turns >= FEWEST:
                    place = edges.index(low) + shift / 10
                    axes.plot([place, place], [max(end, LEAST) for end in interval(wrong, turns)], color=colour)
                    if wrong:
                        axes.plot(place, wrong / turns, "o", color=colour, markersize=3)
            axes.plot([], [], "o-", color=colour, markersize=3, label=short(cell))
        axes.set_xticks(range(len(edges)), [f"{edge:,}" for edge in edges], rotation=60, fontsize=7)
        axes.set_yscale("log")
        axes.set_ylim(LEAST, 1)
        axes.set_xlabel(f"{name.replace('_', ' ')}, from", fontsize=8)
    figure.axes[0].set_ylabel("wrong turns a turn, 95 %")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=7)
    return figure


def longest(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells whose sessions were the longest, as many as there are colours: these say most of age."""
    return sorted(cells, key=lambda cell: cell["calls"] * cell["sessions"], reverse=True)[: len(COLOURS)]

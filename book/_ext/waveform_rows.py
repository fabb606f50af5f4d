"""A long waveform on a page that does not scroll: cut between cells into rows, each with the names of the pins."""

from __future__ import annotations

from xml.dom.minidom import Element

WIDEST = 1000  # px; what is wider would be too small to read when it is shrunk to a sheet of paper


def in_rows(svg: Element) -> None:
    """Put rows in the place of a waveform that is too wide; leave any other drawing as it is."""
    if "waveform" not in svg.getAttribute("class").split() or float(svg.getAttribute("width")) <= WIDEST:
        return
    width, height = (float(svg.getAttribute(name)) for name in ("width", "height"))
    lines = [line for line in svg.getElementsByTagName("line") if line.getAttribute("class") == "grid"]
    edges = [float(line.getAttribute("x1")) for line in lines]
    left, cell = edges[0], edges[1] - edges[0]
    cells = int((WIDEST - left) / cell)
    for number, start in enumerate(range(0, len(edges), cells)):
        row = svg.cloneNode(deep=True)
        begin = edges[start]
        shown = min(cells * cell, width - begin)  # the last row is as long as what remains
        row.setAttribute("viewBox", f"{begin - left:.1f} 0 {left + shown:.1f} {height:g}")
        row.setAttribute("width", f"{left + shown:.0f}")
        (names,) = (group for group in row.getElementsByTagName("g") if group.getAttribute("class") == "names")
        names.setAttribute("transform", f"translate({begin - left:.1f} 0)")
        for paper in row.getElementsByTagName("rect"):  # under all rows; and under the names, a little wider
            if paper.getAttribute("class") == "paper":
                under_names = paper.parentNode is names
                paper.setAttribute("width", f"{left + 1:.1f}" if under_names else f"{width:g}")
                paper.setAttribute("x", "-3" if under_names else "0")
        if number:  # a screen reader gets the drawing once
            for name in ("role", "aria-label"):
                row.removeAttribute(name)
            row.setAttribute("aria-hidden", "true")
        svg.parentNode.insertBefore(row, svg)
    svg.parentNode.removeChild(svg)

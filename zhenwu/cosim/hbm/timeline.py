"""Commands as a picture: one line a bank, time from left to right, and DQ below.

A bar is an open row, darker while its opener waits; ticks are RD and WR; a band across all banks is a refresh. DQ
shows each burst where its data are. The drawing follows the reader's light or dark setting and loads nothing.
"""

from collections.abc import Sequence
from html import escape

from zhenwu.spec.hbm3 import HBM3_6400, HBM3_GEOMETRY, DramCommand, HbmTiming

ROW = 17  # px a bank
LEFT = 122  # px of the names
PX_PER_CK = 1.4
BANK_GROUPS, BANKS = int(HBM3_GEOMETRY.bank_groups), int(HBM3_GEOMETRY.banks)

STYLE = """
.timeline { color: #1c2733; font: 12px ui-monospace, Menlo, Consolas, monospace }
.timeline .paper { fill: #ffffff }
.timeline text { fill: currentColor }
.timeline .name { text-anchor: end }
.timeline .cycle { fill: #5a6875; text-anchor: middle }
.timeline .grid { stroke: #dfe5ea }
.timeline .open { fill: #c9dcf2; stroke: #2a5d9c; stroke-width: .6 }
.timeline .opening { fill: #8fb4dd }
.timeline .read { stroke: #0b6b4f; stroke-width: 2 }
.timeline .write { stroke: #a3460c; stroke-width: 2 }
.timeline .read-burst { fill: #0b6b4f }
.timeline .write-burst { fill: #a3460c }
.timeline .refresh { fill: #d9cbe8; opacity: .75 }
.timeline .due { stroke: #6b3fa0; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
.timeline { color: #e3e9ef }
.timeline .paper { fill: #141a20 }
.timeline .cycle { fill: #9fb0bf }
.timeline .grid { stroke: #2b3742 }
.timeline .open { fill: #1d3a5a; stroke: #7fb0ea }
.timeline .opening { fill: #3a6ba3 }
.timeline .read { stroke: #5fd0a5 }
.timeline .write { stroke: #ffab7a }
.timeline .read-burst { fill: #5fd0a5 }
.timeline .write-burst { fill: #ffab7a }
.timeline .refresh { fill: #4a3566 }
.timeline .due { stroke: #c9a6f5 }
}
"""


def timeline(
    commands: Sequence[DramCommand], first: int, last: int, title: str, due: int | None = None,
    timing: HbmTiming = HBM3_6400, px_per_ck: float = PX_PER_CK,
) -> str:
    """The SVG text of CK `first` .. `last`; `due` marks the CK in which a refresh fell due."""
    height = 34 + ROW * (BANK_GROUPS * BANKS + 1) + 24
    width = LEFT + px_per_ck * (last - first) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>'
    ]
    view = View(first, last, px_per_ck)
    for ck in range(first - first % -50, last + 1, 50):
        parts.append(f'<line class="grid" x1="{view.x(ck)}" x2="{view.x(ck)}" y1="20" y2="{height - 24}"/>')
        parts.append(f'<text class="cycle" x="{view.x(ck)}" y="14">{ck}</text>')
    parts += refreshes(commands, view, height - 24, timing)
    for index in range(BANK_GROUPS * BANKS):
        parts += bank_line(commands, index, view)
    parts += dq_line(commands, view, timing)
    if due is not None and first <= due <= last:
        parts.append(f'<line class="due" x1="{view.x(due)}" x2="{view.x(due)}" y1="18" y2="{height - 22}"/>')
        parts.append(f'<text x="{view.x(due)}" y="{height - 8}">refresh due</text>')
    names = [f'<g class="names"><rect class="paper" y="20" width="{LEFT - 6}" height="{height - 20}"/>']
    for index in range(BANK_GROUPS * BANKS):
        group, bank = index % BANK_GROUPS, index // BANK_GROUPS
        names.append(f'<text class="name" x="{LEFT - 10}" y="{bank_y(index) + 12}">group {group} bank {bank}</text>')
    names.append(f'<text class="name" x="{LEFT - 10}" y="{bank_y(BANK_GROUPS * BANKS) + 12}">DQ</text></g>')
    return "".join([*parts, *names, "</svg>\n"])


class View:
    """From CK to px."""

    def __init__(self, first: int, last: int, px_per_ck: float):
        self.first, self.last, self.px_per_ck = first, last, px_per_ck

    def x(self, ck: float) -> float:
        """Where CK `ck` begins, cut to the picture."""
        return round(LEFT + self.px_per_ck * (min(max(ck, self.first), self.last) - self.first), 1)

    def box(self, kind: str, begin: float, end: float, y: float, height: float, words: str) -> list[str]:
        """A rectangle with words for whoever points at it; nothing outside the picture."""
        x, right = self.x(begin), self.x(end)
        if right <= x:
            return []
        return [f'<rect class="{kind}" x="{x}" y="{y}" width="{right - x:.1f}" height="{height}">'
                f"<title>{words}</title></rect>"]


def bank_y(index: int) -> int:
    """The top of a bank's line."""
    return 24 + ROW * index


def bank_line(commands: Sequence[DramCommand], index: int, view: View) -> list[str]:
    """Open rows and column commands of one bank."""
    bars, ticks, y = [], [], bank_y(index)
    opened: DramCommand | None = None
    opener_waits = False
    end = view.last + 1
    for command in [*commands, DramCommand(end, "PREab")]:
        place = command.address
        mine = (place.bank_group, place.bank) == (index % BANK_GROUPS, index // BANK_GROUPS)
        if command.op != "PREab" and not mine:
            continue
        if command.op == "ACT":
            opened, opener_waits = command, True
        elif opened is not None and command.op in ("RD", "WR"):
            if opener_waits:
                words = f"row {opened.address.row} opens"
                ticks += view.box("opening", opened.cycle, command.cycle, y + 3, ROW - 6, words)
                opener_waits = False
            if view.first <= command.cycle <= view.last:
                kind, x = ("read" if command.op == "RD" else "write"), view.x(command.cycle)
                ticks.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{y + 2}" y2="{y + ROW - 2}">'
                             f"<title>CK {command.cycle}: {command.op} column {place.column}</title></line>")
        elif opened is not None and command.op in ("PREpb", "PREab"):
            words = f"row {opened.address.row}, CK {opened.cycle} to {command.cycle}"
            bars += view.box("open", opened.cycle, command.cycle, y + 3, ROW - 6, words)
            opened = None
    return bars + ticks


def refreshes(commands: Sequence[DramCommand], view: View, bottom: int, timing: HbmTiming) -> list[str]:
    """A band for each all-bank refresh."""
    bands = []
    for command in commands:
        if command.op == "REFab":
            end = command.cycle + timing.total("nRFCab")
            words = f"REFab, CK {command.cycle} to {end}"
            bands += view.box("refresh", command.cycle, end, 20, bottom - 20, words)
    return bands


def dq_line(commands: Sequence[DramCommand], view: View, timing: HbmTiming) -> list[str]:
    """The bursts."""
    bursts, y = [], bank_y(BANK_GROUPS * BANKS)
    for command in commands:
        if command.op in ("RD", "WR"):
            begin = command.cycle + timing.total("nCL" if command.op == "RD" else "nCWL")
            kind = "read-burst" if command.op == "RD" else "write-burst"
            words = f"data of the {command.op} in CK {command.cycle}"
            bursts += view.box(kind, begin, begin + timing.total("nBL"), y + 3, ROW - 6, words)
    return bursts

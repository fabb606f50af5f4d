"""What the array and DQ do over a whole run, as a picture: one column a stretch of time, shares stacked in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from zhenwu.cycle.tile.tile import ACTIVITIES
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming

COLUMNS = 240  # at most
PX = 4  # a column
LANE = 96  # px of a lane's height
LEFT, TOP = 64, 66
GAP = 26
LEGEND = 620  # px that the longest legend takes
DQ = {"read": "lines come", "write": "lines go", "refresh": "an all-bank refresh", "quiet": "neither"}

STYLE = """
.activity { color: #1c2733; font: 12px ui-monospace, Menlo, Consolas, monospace }
.activity .paper { fill: #ffffff }
.activity text { fill: currentColor }
.activity .muted { fill: #5a6875 }
.activity .frame { fill: none; stroke: #9aa7b3 }
.activity .busy { fill: #2a5d9c }
.activity .starved { fill: #d9724a }
.activity .blocked { fill: #e3b95b }
.activity .draining { fill: #7fae9b }
.activity .idle, .activity .quiet { fill: #dfe5ea }
.activity .read { fill: #0b6b4f }
.activity .write { fill: #a3460c }
.activity .refresh { fill: #a98bc7 }
@media (prefers-color-scheme: dark) {
.activity { color: #e3e9ef }
.activity .paper { fill: #141a20 }
.activity .muted { fill: #9fb0bf }
.activity .frame { stroke: #5a6b7a }
.activity .busy { fill: #7fb0ea }
.activity .starved { fill: #c9562c }
.activity .blocked { fill: #b98a2e }
.activity .draining { fill: #3f7a66 }
.activity .idle, .activity .quiet { fill: #2b3742 }
.activity .read { fill: #5fd0a5 }
.activity .write { fill: #ffab7a }
.activity .refresh { fill: #6f519a }
}
"""


def on_dq(commands: Sequence[DramCommand], last: int, timing: HbmTiming = HBM3_6400) -> list[str]:
    """What DQ does in each CK before `last`, one of DQ; a refresh counts where no burst is on DQ."""
    found = ["quiet"] * last
    for command in commands:
        if command.op == "REFab":
            mark(found, "refresh", command.cycle, timing.total("nRFCab"))
    for command in commands:
        if command.op in ("RD", "WR"):
            latency = timing.total("nCL" if command.op == "RD" else "nCWL")
            mark(found, "read" if command.op == "RD" else "write", command.cycle + latency, timing.total("nBL"))
    return found


def mark(found: list[str], what: str, begin: int, count: int) -> None:
    """Write `what` into `count` CK from `begin` on, as far as the list goes."""
    for ck in range(begin, min(begin + count, len(found))):
        found[ck] = what


def activity(
    lanes: Mapping[str, tuple[Mapping[str, str], Sequence[str]]], first: int, last: int, title: str, most: int = COLUMNS
) -> str:
    """The SVG text of CK `first` .. `last` - 1: of each lane its kinds with their meanings, and the kind of each CK.

    `most` columns, each a stretch of time.
    """
    stretch = -(-(last - first) // most)
    columns = -(-(last - first) // stretch)
    width, height = max(LEFT + PX * columns + 16, LEGEND), TOP + len(lanes) * (LANE + GAP) + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="activity" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" aria-label="{escape(title)}">'
        f'<title>{escape(title)}</title><style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>'
    ]
    for row, (name, (kinds, each)) in enumerate(lanes.items()):
        parts += legend(name, kinds, Counter(each[first:last]), 14 + 22 * row)
        top = TOP + row * (LANE + GAP)
        parts.append(f'<text x="8" y="{top + LANE / 2 + 4}">{escape(name)}</text>')
        for column in range(columns):
            begin = first + column * stretch
            parts += stack(kinds, each[begin : min(begin + stretch, last)], LEFT + PX * column, top, begin, stretch)
        parts.append(f'<rect class="frame" x="{LEFT}" y="{top}" width="{PX * columns}" height="{LANE}"/>')
        for column in range(0, columns, 40):
            x = LEFT + PX * column
            parts.append(f'<text class="muted" x="{x}" y="{top + LANE + 14}">{first + column * stretch:,}</text>')
    return "".join([*parts, "</svg>\n"])


def legend(name: str, kinds: Mapping[str, str], counts: Counter[str], y: int) -> list[str]:
    """A line that names the kinds of a lane, with their shares of the time."""
    total, x = max(1, counts.total()), 8 + 56
    parts = [f'<text x="8" y="{y}">{escape(name)}:</text>']
    for kind, meaning in kinds.items():
        words = f"{kind} {counts[kind] / total:.1%}"
        parts.append(f'<rect class="{kind}" x="{x}" y="{y - 9}" width="10" height="10"/>')
        parts.append(f'<text x="{x + 15}" y="{y}">{words}<title>{escape(meaning)}</title></text>')
        x += 24 + round(7.3 * len(words))
    return parts


def stack(kinds: Mapping[str, str], each: Sequence[str], x: int, top: int, begin: int, stretch: int) -> list[str]:
    """One column: the shares of the kinds, the first at the bottom."""
    counts, bottom, parts = Counter(each), float(top + LANE), []
    words = f"CK {begin} to {begin + len(each) - 1}: " + ", ".join(f"{kind} {counts[kind]}" for kind in kinds)
    for kind in kinds:
        height = LANE * counts[kind] / stretch
        if height:
            bottom -= height
            parts.append(f'<rect class="{kind}" x="{x}" y="{bottom:.1f}" width="{PX}" height="{height:.1f}"/>')
    return [f"<g><title>{words}</title>{''.join(parts)}</g>"]


def array_and_dq(
    each: Sequence[str], commands: Sequence[DramCommand], first: int, last: int, title: str,
    timing: HbmTiming = HBM3_6400, most: int = COLUMNS,
) -> str:
    """The picture of a run: the array's activities and DQ's, in `most` columns."""
    lanes = {"array": (ACTIVITIES, each), "DQ": (DQ, on_dq(commands, last, timing))}
    return activity(lanes, first, last, title, most)

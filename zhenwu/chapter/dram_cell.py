"""A DRAM cell inside a chapter: a sketch of it, how far it moves its bit line, and that wire while a row is read."""

from collections.abc import Iterable

from zhenwu.spec import dram_cell as spec
from zhenwu.spec.dram_cell import SWING, VOLTAGE
from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming
from zhenwu.spec.sourced import Sourced

SHARED, SENSED = 1 / 3, 2 / 3  # of the way from ACT to RD: the charge is shared, the amplifier has decided; ours
INK, MUTED, BLUE, RED = (
    f"var(--figure-{role}, {colour})"
    for role, colour in (("ink", "#1c2733"), ("muted", "#5a6875"), ("blue", "#2a5d9c"), ("red", "#a3260c"))
)
Point = tuple[float, float]


def cell_sketch() -> str:
    """SVG of two cells on one bit line, with their word lines, and the sense amplifier at its end."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="cell" width="560" height="256" viewBox="0 0 560 256" '
        f'fill="none" stroke="{INK}" stroke-width="1.6" font-family="sans-serif" font-size="12">',
        f'<path stroke="{BLUE}" stroke-width="2.4" d="M400 20 V190"/>',
        _words(408, 30, "bit line"),
    ]
    for y, name in ((60, "word line of the open row"), (140, "word line of another row")):
        parts += [
            f'<path d="M20 {y} H260 V{y + 6} M244 {y + 6} H276"/>',  # the word line to the gate
            f'<path d="M250 {y + 18} V{y + 12} H270 V{y + 18} M270 {y + 18} H400 M250 {y + 18} H180"/>',
            f'<path d="M180 {y + 18} V{y + 28} M166 {y + 28} H194 M166 {y + 34} H194 M180 {y + 34} V{y + 42} '
            f'M172 {y + 42} H188"/>',  # the capacitor
            _words(24, y - 5, name),
            _words(284, y + 8, "transistor"),
            _words(80, y + 36, "capacitor"),
        ]
    parts += [
        f'<rect x="340" y="190" width="120" height="30" stroke="{RED}"/>',
        _words(352, 210, "sense amplifier"),
        f'<path stroke="{MUTED}" d="M400 220 V248"/>',
        _words(408, 244, "to the columns and DQ"),
    ]
    return "".join(parts) + "</svg>"


def _words(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="{INK}" stroke="none">{text}</text>'


def swings(cells: Iterable[int]) -> dict[str, list[Point]]:
    """(cells on a bit line, mV that a full one moves it) of each public model, which lets each cell bring its part."""
    models = {
        "a first HBM": (spec.CELL, spec.BIT_LINE_EACH, VOLTAGE),
        "a DDR memory": (spec.DDR_CELL, spec.DDR_BIT_LINE / spec.DDR_ON_BIT_LINE, spec.DDR_VOLTAGE),
    }
    counts = [Sourced(count, "", "as many as asked", "derived") for count in cells]
    return {
        name: [(int(count), 1000 * float(spec.swing(cell, count * each, volt))) for count in counts]
        for name, (cell, each, volt) in models.items()
    }


def bit_line_voltage(stored: bool, timing: HbmTiming = HBM3_6400) -> list[Point]:
    """(CK, V) of a bit line from before ACT until its bank may open again, as a few straight pieces.

    The begin, the end and both levels come from the tables; how the way to RD is parted, SHARED and SENSED, is assumed.
    """
    half, swing = float(VOLTAGE) / 2, float(SWING)
    if not stored:
        swing = -swing
    read, close, precharge = (timing.total(name) for name in ("nRCDRD", "nRAS", "nRP"))
    full = half + (half if stored else -half)
    return [
        (-4.0, half), (0.0, half), (SHARED * read, half + swing), (SENSED * read, full), (float(close), full),
        (float(close + precharge), half), (float(close + precharge + 4), half),
    ]

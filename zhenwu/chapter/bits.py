"""A word drawn bit by bit, its fields in colour: how one number format becomes another."""

from collections.abc import Sequence
from html import escape

from zhenwu.chapter.figure import COLOURS

BOX, ROW, TOP = 20, 74, 24  # px
FIELD_COLOURS = {"sign": "muted", "exponent": "sand", "fraction": "blue", "magnitude": "blue",
                 "carry": "muted", "four bits": "blue"}
Word = tuple[str, int, Sequence[tuple[str, int]]]


def bits(words: Sequence[Word]) -> str:
    """SVG text of words (title, value, fields from the top bit down as (name, width)), their top bits aligned.

    A field's name is one of FIELD_COLOURS. A value that does not fit its fields raises ValueError.
    """
    widths = [sum(width for _, width in fields) for _, _, fields in words]
    width, height = BOX * max(widths) + 8, ROW * len(words)
    parts = [  # attributes that the book's style sheet overrides: a notebook has none
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bits" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="12">'
    ]
    for number, (title, value, fields) in enumerate(words):
        if not 0 <= value < 1 << widths[number]:
            raise ValueError(f"{title} = {value}: expected an unsigned number of {widths[number]} bits")
        x, y = 4, ROW * number + TOP
        parts.append(f'<text x="4" y="{y - 8}">{escape(title)}</text>')
        digits = iter(f"{value:0{widths[number]}b}")
        for name, field_width in fields:
            middle, label = x + BOX * field_width / 2, name if field_width > 1 else ""
            parts.append(f'<text class="field" text-anchor="middle" x="{middle}" y="{y + BOX + 14}">{label}</text>')
            colour = FIELD_COLOURS[name]
            for _ in range(field_width):
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{BOX}" height="{BOX}" '
                    f'stroke="white" style="fill: var(--figure-{colour}, {COLOURS[colour]})"/>'
                    f'<text class="bit" fill="white" text-anchor="middle" font-family="monospace" '
                    f'x="{x + BOX / 2}" y="{y + 14}">{next(digits)}</text>'
                )
                x += BOX
    return "".join(parts) + "</svg>"

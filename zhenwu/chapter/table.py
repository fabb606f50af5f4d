"""A small table: predicted, golden and RTL side by side."""

from collections.abc import Iterable, Sequence
from html import escape

from zhenwu.chapter.show import Html, written

Cell = int | float | str


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str) -> Html:
    """Rows under a head; the first cell of a row names it. A row of another length raises ValueError."""
    rows = [list(row) for row in rows]
    numeric = all(cell == "" or isinstance(cell, int | float) for row in rows for cell in row[1:])
    numbers = " numbers" if numeric else ""
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"row {row}: expected {len(head)} cells")
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(written(row[0]))}</th>'
        + "".join(f"<td>{escape(written(cell))}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    text = "\n".join("  ".join(map(str, row)) for row in (head, *rows))
    return Html(
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="side-by-side{numbers}">'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>",
        f"{caption}\n{text}",
    )

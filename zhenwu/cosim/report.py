"""build/sim/report.html: the evidence table, the waveforms and what is not checked, in one file that loads nothing."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from string import Template

from zhenwu.cosim.evidence import Drawing, Evidence, Listing, Mismatch
from zhenwu.cosim.files import SIM_FOLDER, write_atomically
from zhenwu.cosim.table import closing_line, utilisation

REPORT = SIM_FOLDER / "report.html"
PAGE = Template((Path(__file__).parent / "report_page.html").read_text(encoding="utf-8"))
COLUMNS = (
    ("block", ""),
    ("result", ""),
    ("cases", "number"),
    ("cycles", "number"),
    ("mismatches", "number"),
    ("bins hit", "number"),
    ("cycles/s", "number"),
    ("achieved / bound", "number"),
    ("seed", "number"),
    ("oracle", ""),
)


def write_report(rows: Sequence[Evidence], again: Callable[[Mismatch], str], path: Path = REPORT) -> None:
    """Write the page; `again` gives the command that repeats a mismatch."""
    write_atomically(path, report(rows, again).encode())


def report(rows: Sequence[Evidence], again: Callable[[Mismatch], str]) -> str:
    """The page as text."""
    mismatches = [row.first_mismatch for row in rows if row.first_mismatch]
    drawings = [drawing for row in rows for drawing in row.drawings]
    drawings += [
        Drawing(f"First mismatch of {found.block}", "and the cycles around it.", found.svg.read_text(encoding="utf-8"))
        for found in mismatches
        if found.svg and found.svg.exists()
    ]
    return PAGE.substitute(
        verdict="ok" if all(row.ok for row in rows) else "failed",
        summary=escape(closing_line(rows)),
        head="".join(f'<th scope="col" class="{kind}">{heading}</th>' for heading, kind in COLUMNS),
        body="\n".join(_row(row) for row in rows),
        failures=_failures(rows, again),
        drawings="\n".join(_figure(drawing) for drawing in drawings) or "<p>None in this run.</p>",
        listings=_listings([listing for row in rows for listing in row.listings]),
        not_checked=_definitions([(row.block, row.not_checked) for row in rows if row.not_checked]),
        unhit=_definitions([(row.block, f"{name}: {why}") for row in rows for name, why in row.unhit.items()]),
        notes=_definitions([(row.block, note) for row in rows for note in row.notes]),
        bins="\n".join(_bins(row) for row in rows if row.planned),
    )


def _row(row: Evidence) -> str:
    hit = sum(1 for hits in row.bins.values() if hits)
    verdict = '<span class="ok">ok</span>' if row.ok else '<span class="failed">failed</span>'
    cells = (
        verdict,
        f"{row.cases:,}",
        f"{row.cycles:,}",
        f"{row.mismatches:,}",
        f"{hit} of {len(row.planned)}",
        f"{row.cycles_per_s:,.0f}",
        utilisation(row),
        str(row.seed),
        escape(row.oracle),
    )
    kinds = [kind for _, kind in COLUMNS[1:]]
    rest = "".join(f'<td class="{kind}">{cell}</td>' for kind, cell in zip(kinds, cells, strict=True))
    return f'<tr><th scope="row">{escape(row.block)}</th>{rest}</tr>'


def _failures(rows: Sequence[Evidence], again: Callable[[Mismatch], str]) -> str:
    texts = [f"{row.block}: {text}" for row in rows for text in row.violations]
    texts += [
        f"{row.first_mismatch}. Repeat it with: {again(row.first_mismatch)}" for row in rows if row.first_mismatch
    ]
    if not texts:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<section aria-labelledby="failures"><h2 id="failures">What failed</h2><ul>{items}</ul></section>'


def _figure(drawing: Drawing) -> str:
    title = escape(drawing.title)
    return (
        f"<figure><figcaption><strong>{title}</strong> {escape(drawing.caption)}</figcaption>"
        f'<div class="wide" role="region" tabindex="0" aria-label="{title}">{drawing.svg}</div></figure>'
    )


def _listings(listings: Sequence[Listing]) -> str:
    if not listings:
        return ""
    folded = "".join(
        f"<details><summary>{escape(listing.title)}</summary><p>{escape(listing.caption)}</p>"
        f'<pre class="listing" tabindex="0">{escape(listing.text)}</pre></details>'
        for listing in listings
    )
    return f'<section aria-labelledby="commands"><h2 id="commands">Commands on the pins</h2>{folded}</section>'


def _definitions(items: Sequence[tuple[str, str]]) -> str:
    if not items:
        return "<p>None.</p>"
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in items) + "</dl>"


def _bins(row: Evidence) -> str:
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td class="number">{row.bins.get(name, 0):,}</td>'
        f"<td>{escape(reason)}</td></tr>"
        for name, reason in row.planned.items()
    )
    return (
        f'<details><summary>{escape(row.block)}</summary><table><thead><tr><th scope="col">bin</th>'
        f'<th scope="col" class="number">hits</th><th scope="col">why it is planned</th></tr></thead>'
        f"<tbody>{lines}</tbody></table></details>"
    )

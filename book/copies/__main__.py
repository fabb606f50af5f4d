"""`make pdf` and `make epub`: `python -m book.copies pdf`. The copy goes to build/copies, and the site links it.

A copy remembers the digest of all that the book is made from (`book/_ext/fresh.py`); the site links it as long as that
is still the same. The site is therefore built last, and by the same reading of the pages.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "book" / "_ext"))  # what the site's extensions know of the book

from book import build as site  # noqa: E402
from book.copies import needs, pages  # noqa: E402


def make(kind: str, target: Path) -> int:
    """The copy of this kind at `target`; 0, or 1 with a sentence that says what is wrong with it."""
    if kind == "pdf":
        from book.copies.pdf import pdf

        return pdf(target, needs.chromium())
    from book.copies.epub import epub

    return epub(target)


def main(kind: str) -> int:
    if kind not in needs.PACKAGES:
        print(f'"{kind}": expected {" or ".join(needs.PACKAGES)}', file=sys.stderr)
        return 2
    if lacking := needs.lacking(kind):
        print("\n".join(lacking), file=sys.stderr)
        return 2
    from copies_list import COPIES, file_name, note_made
    from fresh import book_digest

    begun, made_from = time.monotonic(), book_digest()
    if status := pages.build():
        print("The book was not built, so there is no new copy.", file=sys.stderr)
        return status
    COPIES.mkdir(parents=True, exist_ok=True)
    target = COPIES / file_name(kind)
    unfinished = target.with_suffix(f".{os.getpid()}.{kind}")
    print(f"Making {target.relative_to(ROOT)}", flush=True)
    try:
        if status := make(kind, unfinished):
            print(f"{target.relative_to(ROOT)} was not made anew.", file=sys.stderr)
            return status
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    note_made(target, made_from)
    size, took = target.stat().st_size / 1e6, time.monotonic() - begun
    print(f"{target.relative_to(ROOT)}: {size:.1f} MB ({took:.0f} s). Now the site, which links it:", flush=True)
    return site.main()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or [""]))

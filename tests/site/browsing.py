"""A tab of a real browser that writes down what its page asks for and complains of.

Only this machine can be reached from it: a page that needs another host fails here as it would on a train.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
UNFOLD = """
document.querySelectorAll("details").forEach((details) => { details.open = true; });
document.querySelectorAll(".toggle-hidden button.toggle-button").forEach((button) => button.click());
"""
SOURCES = "source/"  # the package's files, each as a page
LOUD = ("error", "warning")

# what a reader sees a page with: (width in px, height in px, colours)
VIEWS = {"desktop": (1280, 900, "light"), "phone": (390, 844, "light"), "dark": (1280, 900, "dark")}


@dataclass
class Tab:
    """One page of the browser, and what it asked for and said since `open`."""

    page: Page
    root: str
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("request", self.note_request)
        self.page.context.on("console", self.note_console)
        self.page.context.on("weberror", self.note_error)

    def note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type in LOUD:
            self.said.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def note_error(self, error: WebError) -> None:
        self.said.append(f"page error: {error.error.message}")

    def open(self, name: str) -> Page:
        """Load the page called `name`, from nothing; what is folded is unfolded, so that it is checked too."""
        self.page.goto("about:blank")  # else a mere change of the fragment would load nothing
        self.requests.clear()
        self.said.clear()
        self.page.goto(f"{self.root}/{name}", wait_until="load")
        self.page.evaluate(UNFOLD)
        return self.page

    def fetched(self) -> list[str]:
        """Paths below the site's root, each once, in the order in which they were asked for."""
        ours = [url.removeprefix(self.root + "/") for url in self.requests if url.startswith(self.root + "/")]
        return list(dict.fromkeys(url.split("?")[0].split("#")[0] for url in ours))


def view_of(browser: Browser, view: str, **more: object) -> BrowserContext:
    width, height, colours = VIEWS[view]
    return browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours, **more)


@contextmanager
def tab(browser: Browser, root: str, view: str = "desktop", **more: object) -> Iterator[Tab]:
    """A tab of its own context: nothing kept, nothing cached."""
    context = view_of(browser, view, **more)
    try:
        yield Tab(context.new_page(), root)
    finally:
        context.close()


def pages_of(site: Path) -> list[str]:
    """Every page a reader can open, as a path below `site`; templates that a theme leaves in _static are none."""
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    return [name for name in names if name.split("/")[0] not in ("_static", "pagefind")]


def sample_of(site: Path) -> list[str]:
    """The pages that are opened in each view: all but the pages of source code, of which one generator makes all.

    Of those the smallest and the largest stand for the rest; their links and ids are checked on every one.
    """
    names = pages_of(site)
    sources = [name for name in names if name.startswith(SOURCES)]
    sources.sort(key=lambda name: (site / name).stat().st_size)
    dropped = set(sources[1:-1])
    return [name for name in names if name not in dropped]

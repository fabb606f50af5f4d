"""What is wrong with the page that a tab shows: each check is a function from the tab to sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.site.browsing import Tab

HERE = Path(__file__).resolve().parent
AXE = HERE.parents[1] / "book" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
WORDS = 8  # fewer describe no figure
LOCAL = ("data", "blob", "about")  # made by the page, not fetched

IN_PAGE = (HERE / "in_page.js").read_text(encoding="utf-8")
SETTLED_MS = 300  # before that the theme still changes colours, and contrast with them
START_AXE = """([tags, settled]) => {  // returns at once: several tabs can be at it together
  const options = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
  window.axeRun = new Promise((done) => setTimeout(done, settled)).then(() => axe.run(document, options));
}"""


def foreign_requests(tab: Tab) -> list[str]:
    """Requests to any host but the one the site is served from."""
    ours = urlsplit(tab.root)
    parts = {url: urlsplit(url) for url in tab.requests}
    foreign = [u for u, part in parts.items() if part.scheme not in LOCAL and part.netloc != ours.netloc]
    return [f"asks another host for {url}" for url in foreign]


def noise(tab: Tab) -> list[str]:
    """Errors and warnings in the console, and exceptions that nobody caught."""
    return list(tab.said)


def start_axe(tab: Tab) -> None:
    """Let axe begin in this tab; `inaccessible` waits for what it finds."""
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(AXE.read_text(encoding="utf-8"))
    tab.page.evaluate(START_AXE, [TAGS, SETTLED_MS])


def inaccessible(tab: Tab) -> list[str]:
    """Violations of WCAG 2.0 and 2.1, levels A and AA, as axe-core finds them."""
    if not tab.page.evaluate("() => 'axeRun' in window"):
        start_axe(tab)
    found = tab.page.evaluate("async () => { const run = await axeRun; delete window.axeRun; return run.violations; }")
    nodes = [(violation["id"], node) for violation in found for node in violation["nodes"]]
    return [f"{rule}: {' '.join(map(str, node['target']))}: {summary(node)}" for rule, node in nodes]


def summary(node: dict) -> str:
    return " ".join(node["failureSummary"].split())[:300]


def overflow(tab: Tab) -> list[str]:
    """What reaches over the window's, the text's or its own box's edge."""
    return tab.page.evaluate(f"{IN_PAGE}.overflow()")


def wordless(tab: Tab) -> list[str]:
    """Images and drawings without a description."""
    return tab.page.evaluate(f"{IN_PAGE}.wordless({WORDS})")


def anatomy(tab: Tab) -> list[str]:
    """What every page has, and this one lacks."""
    return tab.page.evaluate(f"{IN_PAGE}.anatomy()")


CHECKS: dict[str, Callable[[Tab], list[str]]] = {
    "request": foreign_requests,
    "console": noise,
    "axe": inaccessible,
    "overflow": overflow,
    "figure": wordless,
    "anatomy": anatomy,
}


def page_faults(tab: Tab) -> list[str]:
    """What any of the checks finds on the open page, its name in front."""
    return [f"{name}: {sentence}" for name, check in CHECKS.items() for sentence in check(tab)]

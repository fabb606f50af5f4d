"""What the tests of the built site share: the site, a server, one browser, and a named skip where one is missing.

ZHENWU_SITE names another folder than build/html. ZHENWU_SITE_REQUIRED=1 turns the skips into failures.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.browsing import ARGUMENTS, CHROMIUM, VIEWS, Tab, sample_of, tab, view_of
from tests.site.finding import SITE
from tests.site.page_faults import AXE
from tests.site.server import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REQUIRED = os.environ.get("ZHENWU_SITE_REQUIRED", "") not in ("", "0")


def missing() -> list[str]:
    """What these tests need and this machine lacks, each with the command that mends it."""
    needs = {
        f"the built site in {SITE}: run make book": (SITE / "index.html").is_file(),
        "playwright: run make site": importlib.util.find_spec("playwright") is not None,
        "Chromium: on Debian and Ubuntu, apt-get install chromium": CHROMIUM is not None,
        "axe-core: run (cd book/npm && npm ci --ignore-scripts)": AXE.is_file(),
    }
    return [need for need, there in needs.items() if not there]


@pytest.fixture(scope="session", autouse=True)
def everything_is_there() -> None:
    if lacking := missing():
        (pytest.fail if REQUIRED else pytest.skip)(f"missing: {'; '.join(lacking)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each page of the site, found when the tests are collected."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sample_of(SITE) or ["index.html"])


@pytest.fixture(scope="session")
def site() -> Path:
    return SITE


@pytest.fixture(scope="session")
def root(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def views(browser: Browser, root: str) -> Iterator[dict[str, Tab]]:
    """A tab for each view, kept for all pages: what they share is loaded once."""
    contexts = {view: view_of(browser, view) for view in VIEWS}
    yield {view: Tab(context.new_page(), root) for view, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="session")
def copy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site once more, to plant faults in."""
    target = tmp_path_factory.mktemp("planted") / "site"
    shutil.copytree(site, target)
    return target


@pytest.fixture(scope="session")
def copy_root(copy: Path) -> Iterator[str]:
    with served(copy) as address:
        yield address


@pytest.fixture
def opened(browser: Browser, copy_root: str) -> Iterator[Callable[..., Tab]]:
    """As `fresh`, on the copy."""
    with ExitStack() as stack:
        yield lambda view="desktop", **more: stack.enter_context(tab(browser, copy_root, view, **more))


@pytest.fixture
def fresh(browser: Browser, root: str) -> Iterator[Callable[..., Tab]]:
    """Tabs that know nothing yet: `fresh()`, `fresh("dark")`, `fresh(java_script_enabled=False)`."""
    with ExitStack() as stack:
        yield lambda view="desktop", **more: stack.enter_context(tab(browser, root, view, **more))

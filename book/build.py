"""`make book`: build the site into build/html, every chapter executed, warnings as errors.

jupyter-book works in build/book and keeps there what did not change. Only a site without a warning is published, as a
whole: a build that fails leaves the site that was there before.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "book"
SITE = ROOT / "build" / "html"
NPM = ROOT / "book" / "npm"


def fetch(folder: Path = NPM) -> None:
    """What the live cells need from npm, by its lock file; without it the book is built too, and its pages say so."""
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None:
        print("No npm here, so the live cells will not run: install npm (Debian: apt-get install npm) and repeat.")
        return
    print("Fetching Pyodide for the live cells (about 15 MB from npm, once)", flush=True)
    if subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder).returncode:
        print("npm could not fetch Pyodide, so the live cells will not run: see what it says above, and repeat.")


def build() -> int:
    """jupyter-book's exit status; its own words on success name another folder than ours, so they are left out."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", ROOT / "book", "--path-output", WORK, "-W", "--keep-going", "-n"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            if line.startswith("Finished generating HTML"):
                break
            print(line, end="", flush=True)
        running.stdout.read()
    return running.returncode


def publish() -> None:
    """Put the finished pages in the place of the old ones, with a rename: nobody meets half a site."""
    fresh, old = SITE.with_suffix(".new"), SITE.with_suffix(".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(WORK / "_build" / "html", fresh)
    if SITE.exists():
        SITE.rename(old)
    fresh.rename(SITE)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    begun = time.monotonic()
    fetch()
    status = build()
    if status:
        print("The book was not built; build/html is as it was before.", file=sys.stderr)
        return status
    publish()
    print(f"The book is in build/html ({time.monotonic() - begun:.0f} s). To read it: make serve")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The modules of `zhenwu` and `hdl` as text: their names, files, and where their source stands on the site."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hdl", "zhenwu")
FOLDER = "source"  # of the site


@cache
def modules() -> dict[str, Path]:
    """Every module by its dotted name, packages that say nothing left out."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {module_name(path): path for path in files if path.read_text(encoding="utf-8").strip()}


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.resolve().relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(package: str) -> list[str]:
    """The modules of a package, itself included; a module is its own only one."""
    return sorted(name for name in modules() if name == package or name.startswith(package + "."))


@cache
def syntax(module: str) -> ast.Module:
    """The parsed source of a module: nothing is imported to document it."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def address(module: str, line: int = 0) -> str:
    """Where a module's source stands on the site, seen from the book's own folder."""
    return f"{FOLDER}/{module}.html" + (f"#line-{line}" if line else "")

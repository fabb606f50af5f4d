"""`make assumptions`: every size that we chose ourselves, why, and what rests on it.

What rests on it is, first, every value of `zhenwu/spec` computed from it, and second, every file of `zhenwu/`
and `hdl/` that imports and names it or such a value.
"""

import ast
import importlib
import pkgutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import zhenwu.spec
from zhenwu.spec.sourced import Sourced

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """Where a Sourced value stands: `name` in module `module`, or a field of the record of that name."""

    module: str
    name: str
    field: str
    entry: Sourced

    def path(self) -> str:
        return f"{self.module}.{self.name}" + (f".{self.field}" if self.field else "")


def homes() -> Iterator[Home]:
    """Every Sourced value of every spec module: constants, fields of records and their derived properties."""
    for info in pkgutil.iter_modules(zhenwu.spec.__path__, "zhenwu.spec."):
        yield from module_homes(importlib.import_module(info.name))


def module_homes(module: ModuleType) -> Iterator[Home]:
    """The Sourced values of one module, without those it imported from another."""
    own = _assigned_names(module)
    for name, value in vars(module).items():
        if name not in own:
            continue
        if isinstance(value, Sourced):
            yield Home(module.__name__, name, "", value)
        elif is_dataclass(value) and not isinstance(value, type):
            properties = [key for key, entry in vars(type(value)).items() if isinstance(entry, property)]
            for field in [entry.name for entry in fields(value)] + properties:
                if isinstance(getattr(value, field), Sourced):
                    yield Home(module.__name__, name, field, getattr(value, field))


def roots(all_homes: list[Home]) -> list[Home]:
    """The assumptions themselves: assumed values that inherit it from no other, each once."""
    found: dict[str, Home] = {}
    for home in all_homes:
        if home.entry.kind == "assumed" and not any(entry.kind == "assumed" for entry in home.entry.inputs):
            found.setdefault(home.entry.label(), home)
    return list(found.values())


def derived_from(root: Sourced, all_homes: list[Home]) -> list[str]:
    """The values of spec that were computed from `root`, by path."""
    return sorted({home.path() for home in all_homes if root in home.entry.ancestors()})


def users(root: Home, all_homes: list[Home], folder: Path = ROOT) -> list[str]:
    """The files under zhenwu/ and hdl/ that import and name `root`, or a value computed from it."""
    places = [home for home in all_homes if home.entry == root.entry or root.entry in home.entry.ancestors()]
    return sorted(
        path.relative_to(folder).as_posix()
        for part in ("zhenwu", "hdl")
        for path in (folder / part).rglob("*.py")
        if any(_uses(path, home) for home in places)
    )


def _uses(path: Path, home: Home) -> bool:
    imported, names, attributes = _mentions(path)
    if home.module not in imported and f"{home.module}.{home.name}" not in imported:
        return False
    return home.field in attributes if home.field else home.name in names | attributes


@cache
def _mentions(path: Path) -> tuple[set[str], set[str], set[str]]:
    """What a file imports (modules, and names as module.name), its plain names, and what follows its dots."""
    imported, names, attributes = set(), set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            attributes.add(node.attr)
    return imported, names, attributes


def _assigned_names(module: ModuleType) -> set[str]:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def report(folder: Path = ROOT) -> str:
    """The list that `make assumptions` prints."""
    everything = list(homes())
    assumed = roots(everything)
    lines = []
    for home in assumed:
        entry = home.entry
        why = "; ".join(source.title for source in entry.source) + (f". {entry.note}" if entry.note else "")
        lines.append(f"{entry.label()} = {entry.value} {entry.unit}".rstrip() + f"   ({home.path()})")
        lines += _rows("why", textwrap.wrap(why, 100))
        lines += _rows("values", derived_from(entry, everything))
        lines += _rows("files", users(home, everything, folder))
        lines.append("")
    return "\n".join(lines) + f"{len(assumed)} assumed values; zhenwu/spec/sourced.py says what the kinds mean"


def _rows(title: str, entries: list[str]) -> list[str]:
    return [f"  {title if number == 0 else '':<8}{entry}" for number, entry in enumerate(entries)]


if __name__ == "__main__":
    print(report())

"""The lock files: one resolution, every file hashed, no host named, every declared dependency in it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTS = sorted((ROOT / "requirements").glob("*.txt"))
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; .*?)? \\(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+$", re.MULTILINE
)


def pinned(path: Path) -> dict[str, str]:
    return {match["name"]: match["version"] for match in ENTRY.finditer(path.read_text(encoding="utf-8"))}


def declared(*extras: str) -> set[str]:
    """The names that pyproject.toml asks for: the dependencies and those of the extras and groups named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    table = project["project"]["optional-dependencies"] | project["dependency-groups"]
    wanted = project["project"]["dependencies"] + [entry for extra in extras for entry in table[extra]]
    return {re.match(r"[A-Za-z0-9_.-]+", entry)[0].lower().replace("_", "-") for entry in wanted}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_line_belongs_to_a_hashed_pin(path):
    rest = ENTRY.sub("", path.read_text(encoding="utf-8"))
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_no_list_names_a_host_or_an_index(path):
    assert not re.search(r"://|--(extra-)?index|--find-links", path.read_text(encoding="utf-8"))


def test_the_lists_agree_on_every_version():
    versions: dict[str, set[str]] = {}
    for path in LISTS:
        for name, version in pinned(path).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("stem", "extras"),
    [
        ("sim", ["build"]),
        ("test", ["test"]),
        ("lint", ["lint"]),
        ("gates", ["gates"]),
        ("xcheck", ["xcheck"]),
        ("book", ["book"]),
        ("lab", ["notebooks"]),
        ("site", ["site"]),
        ("copies", ["copies"]),
        ("study", ["study"]),
        ("oracle", ["oracle"]),
        ("lock", ["lock"]),
    ],
)
def test_each_list_holds_what_the_project_declares(stem, extras):
    assert declared(*extras) <= set(pinned(ROOT / "requirements" / f"{stem}.txt"))


def test_torch_is_in_no_list():
    assert all("torch" not in pinned(path) for path in LISTS)

"""What the tests of the notebooks share: those of the built site, and a Python that has the wheel and the extra alone.

`make notebooks` makes that Python, in build/notebooks/venv; ZHENWU_NOTEBOOKS_PYTHON names another. The tests are
skipped by name where something is missing; ZHENWU_NOTEBOOKS_REQUIRED=1 turns the skips into failures.
"""

import os
from pathlib import Path

import pytest

from tests.notebooks.executing import ROOT, Machine

NOTEBOOKS = ROOT / "build" / "html" / "notebooks"
PYTHON = Path(os.environ.get("ZHENWU_NOTEBOOKS_PYTHON", ROOT / "build" / "notebooks" / "venv" / "bin" / "python"))
REQUIRED = os.environ.get("ZHENWU_NOTEBOOKS_REQUIRED", "") not in ("", "0")


def missing() -> list[str]:
    """What these tests need and this machine lacks, each with the command that mends it."""
    needs = {
        f"notebooks in {NOTEBOOKS}: run make book": any(NOTEBOOKS.glob("*.ipynb")),
        f"{PYTHON}: run make notebooks": PYTHON.is_file(),
    }
    return [need for need, there in needs.items() if not there]


@pytest.fixture(scope="session", autouse=True)
def everything_is_there() -> None:
    if lacking := missing():
        (pytest.fail if REQUIRED else pytest.skip)(f"missing: {'; '.join(lacking)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each notebook, found when the tests are collected."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")) or ["missing"])


@pytest.fixture(scope="session")
def notebooks() -> Path:
    return NOTEBOOKS


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A learner's machine, with a home of its own."""
    return Machine(PYTHON, tmp_path_factory.mktemp("home"))

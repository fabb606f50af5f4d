"""What every test may use: repeatable Hypothesis runs, and the facts beside the repository where they are there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from zhenwu.cosim.missing_tool import MissingTool

SHARED = Path(__file__).resolve().parents[2] / "shared"

# The same examples on every run: a red test must stay red until somebody mends it.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def require() -> Callable[[Callable], None]:
    """Skips where an outside tool is missing, naming the command that installs it; fails there in CI."""

    def tool(need: Callable) -> None:
        try:
            need()
        except MissingTool as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))

    return tool


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and recorded runs that the project keeps beside its repository."""
    if not SHARED.is_dir():
        pytest.skip("no folder ../shared beside this clone: nothing to compare the committed copies with")
    return SHARED

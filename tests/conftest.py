"""What every test may use: repeatable Hypothesis runs, and the facts beside the repository where they are there."""

from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"

# The same examples on every run: a red test must stay red until somebody mends it.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and recorded runs that the project keeps beside its repository."""
    if not SHARED.is_dir():
        pytest.skip("no folder ../shared beside this clone: nothing to compare the committed copies with")
    return SHARED

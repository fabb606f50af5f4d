"""Ours against transformers. Not collected by default: it needs the extra "oracle", and has a make target of its own.

ZHENWU_ORACLE_EXAMPLES=1000 draws that many cases of each kind, new ones at every run; --hypothesis-seed=N repeats one.
"""

import os
import warnings

import pytest
from hypothesis import HealthCheck, Phase, settings

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what third-party packages deprecate as they load
        import torch
        import transformers
except ImportError as error:
    pytest.exit(
        f"tests/oracle: there is no {error.name} here; expected it after python -m pip install -e '.[oracle,test]'",
        returncode=3,
    )

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
LONG = os.environ.get("ZHENWU_ORACLE_EXAMPLES")
settings.register_profile(
    "oracle", derandomize=LONG is None, max_examples=int(LONG or 30), deadline=None, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],  # to shrink a failing model would take minutes
)
settings.load_profile("oracle")


def pytest_terminal_summary(terminalreporter) -> None:
    """How many cases there were, how many counted, and how near they came to the bar."""
    from tests.oracle.tally import TALLIES

    for family, tally in TALLIES.items():
        terminalreporter.write_line(f"{family}: {tally}")

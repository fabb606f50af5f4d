"""A learner's machine: notebooks run in an empty folder, with no way into the repository and none to the network."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS")  # of the environment: no PYTHONPATH, nobody's settings
SECONDS = 600

# IPython runs what lies in its start-up folder before the first cell of every notebook.
WATCH = f"""
import os, sys

def refuse_what_a_learner_lacks(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith({str(ROOT) + os.sep!r}) and not path.startswith(sys.prefix + os.sep):
            raise PermissionError(f"{{path}} is a file of the repository: expected what the wheel holds")
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in ("127.0.0.1", "::1"):
        raise PermissionError(f"{{arguments[1]}} is on the network: expected what the wheel holds")

sys.addaudithook(refuse_what_a_learner_lacks)
"""


@dataclass(frozen=True)
class Machine:
    """`python` has what the extra names, and `home` nothing but what is written here."""

    python: Path
    home: Path

    def __post_init__(self) -> None:
        startup = self.home / ".ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "watch.py").write_text(WATCH, encoding="utf-8")
        self.run("-c", "import matplotlib.font_manager", folder=self.home)  # says so once when it lists the fonts

    def run(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess:
        """`python` with these arguments, in this folder."""
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(self.home)}
        return subprocess.run(
            [self.python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )

    def execute(self, notebook: Path, folder: Path) -> subprocess.CompletedProcess:
        """Run a copy of the notebook in an empty folder; `executed.ipynb` is what came out."""
        shutil.copy(notebook, folder)
        options = ("--to", "notebook", "--execute", "--output", "executed", "--log-level", "WARN")
        return self.run("-m", "nbconvert", *options, notebook.name, folder=folder)

"""Where results go, and how: a reader of a file never sees half of it."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

SIM_FOLDER = Path("build/sim")
PREFIX = ".zhenwu-"  # of a neighbour that is still being written


def try_folder(folder: Path) -> None:
    """Raise OSError unless files can be made in `folder`; it is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=PREFIX):
        pass


def write_atomically(path: Path, content: bytes) -> None:
    """Write a neighbour of `path`, then rename it, so that `path` is either as before or complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=PREFIX, delete=False) as file:
        try:
            file.write(content)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise

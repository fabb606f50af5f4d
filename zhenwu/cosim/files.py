"""Where results go, and how: a reader of a file never sees half of it."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

SIM_FOLDER = Path("build/sim")


def write_atomically(path: Path, content: bytes) -> None:
    """Write a neighbour of `path`, then rename it, so that `path` is either as before or complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise

"""Where results go, and how: a reader of a file never sees half of it."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from zhenwu.bad_input import BadInput

SIM_FOLDER = Path("build/sim")
PREFIX = ".zhenwu-"  # of a neighbour that is still being written


def try_folder(folder: Path) -> None:
    """Raise OSError unless files can be made in `folder`; it is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=PREFIX):
        pass


def write_result(option: str, path: Path, content: bytes) -> None:
    """`write_atomically` what a user asked for with `option`; BadInput where there is no room, or no right to."""
    try:
        write_atomically(path, content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadInput(f"{option} {path}: {reason}; expected a place with room for {len(content):,} bytes") from None


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

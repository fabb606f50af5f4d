"""A reader's own matrices on the tile: read and checked here, multiplied by `zhenwu.cosim.tile.matmul_run`.

C[m,n] = A[m,k] . B[n,k]: k is the last axis of both. Values are rounded to float32, then quantised to MXFP4.
NaN and infinity are refused: a whole block of 32 would become NaN, which no reader wants from a file.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import ml_dtypes
import numpy as np
from numpy.lib.format import MAGIC_PREFIX, open_memmap
from numpy.typing import NDArray

from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.files import try_folder, write_atomically
from zhenwu.cosim.tile.host import Job, Progress, no_progress
from zhenwu.cosim.tile.matmul_run import matmul_run
from zhenwu.cosim.tile.tile_bench import bound, sized_job
from zhenwu.golden.tile.layout import plan

ARRAYS = {"2x2": (2, 2), "4x4": (4, 4), "8x8": (8, 8)}
FLOATS = ("float16", "bfloat16", "float32", "float64")


class InputError(Exception):
    """What a user gave cannot be used; the message is one sentence that names it and says what was expected."""


@dataclass(frozen=True)
class UserMatmul:
    """Matrices that have been checked, compiled for a tile of rows x cols dot units."""

    job: Job
    out: Path | None
    rows: int
    cols: int

    @property
    def least_cycles(self) -> int:
        """Cycles that the tile needs at least."""
        return bound(self.job)

    def run(self, seed: int, progress: Progress = no_progress) -> Evidence:
        """Multiply on the tile; write C only if every bit was checked."""
        c, evidence = matmul_run(self.job, rows=self.rows, cols=self.cols, seed=seed, progress=progress)
        if self.out is not None and evidence.ok:
            write_product(self.out, c)
        return evidence


def write_product(path: Path, c: NDArray[np.float32]) -> None:
    """Write C as a .npy file, whole or not at all."""
    content = io.BytesIO()
    np.save(content, c)
    write_atomically(path, content.getvalue())


def checked(a_path: Path, b_path: Path, out: Path | None, array: str) -> UserMatmul:
    """Read and check what a user gave; InputError before anything is simulated or written."""
    rows, cols = check_array(array)
    if out is not None:
        check_out(out, a_path, b_path)
    a, b = load_matrix("--a", a_path), load_matrix("--b", b_path)
    check_shapes(a_path, a.shape, b_path, b.shape)
    return UserMatmul(sized_job("your matrices", a, b, rows, cols), out, rows, cols)


def check_array(array: str) -> tuple[int, int]:
    """Rows and columns of dot units."""
    if array not in ARRAYS:
        raise InputError(f"--array {array}: expected one of {', '.join(ARRAYS)}")
    return ARRAYS[array]


def load_matrix(option: str, path: Path) -> NDArray[np.float32]:
    """The float32 matrix in the .npy file `path`."""
    name = f"{option} {path}"
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC_PREFIX))
        if magic[:2] == b"PK":
            raise InputError(f"{name}: an archive; expected a .npy file with one array")
        if magic != MAGIC_PREFIX:
            raise InputError(f"{name}: not a .npy file; expected what numpy.save writes")
        array = open_memmap(path, mode="r")  # the header is checked before anything large is read
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; expected a .npy file") from None
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or str(error)).lower()}; expected a readable .npy file") from None
    except InputError:
        raise
    except Exception:  # whatever numpy stumbles over in a header that is none
        raise InputError(f"{name}: not a whole array of numbers; expected what numpy.save writes") from None
    if array.dtype == "V2":  # how numpy stores a dtype that it does not know
        array = array.view(ml_dtypes.bfloat16)
    if array.dtype.name not in FLOATS:
        raise InputError(f"{name}: dtype {array.dtype.name}; expected one of {', '.join(FLOATS)}")
    if array.ndim != 2:
        raise InputError(f"{name}: {array.ndim} dimensions; expected a matrix of 2")
    if 0 in array.shape:
        raise InputError(f"{name}: shape {array.shape} has no elements; expected at least 1 x 1")
    try:
        plan(len(array), 1, array.shape[1])
    except ValueError as error:
        raise InputError(f"{name}: shape {array.shape} does not fit the memory: {error}") from None
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise InputError(f"{name}: element [{row}, {column}] is {array[row, column]}; expected finite numbers only")
    with np.errstate(over="ignore"):
        matrix = np.array(array, np.float32)
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        value = array[row, column]
        raise InputError(f"{name}: element [{row}, {column}] is {value}; expected numbers that float32 can hold")
    return matrix


def check_shapes(a_path: Path, a_shape: tuple[int, int], b_path: Path, b_shape: tuple[int, int]) -> None:
    """Refuse matrices whose k differ, and sizes beyond what memory holds."""
    (m, k), (n, b_k) = a_shape, b_shape
    if k != b_k:
        raise InputError(
            f"--b {b_path}: shape {b_shape}, but --a {a_path} has shape {a_shape}; "
            f"expected B[n, k] with the k = {k} of A[m, k]"
        )
    try:
        plan(m, n, k)
    except ValueError as error:
        raise InputError(f"--a {a_path}, --b {b_path}: too large for the tile: {error}") from None


def check_out(path: Path, *sources: Path) -> None:
    """Refuse an output that could not be written, or that would replace a matrix, before the time is spent."""
    try:
        if path.is_dir():
            raise InputError(f"--out {path}: is a folder; expected the name of a .npy file")
        if not path.parent.is_dir():
            raise InputError(f"--out {path}: its folder {path.parent} does not exist; expected one that does")
        if path.exists() and not path.is_file():
            raise InputError(f"--out {path}: is no ordinary file; expected one, or a new name")
        for source in sources:
            if path.exists() and source.exists() and path.samefile(source):
                raise InputError(f"--out {path}: is one of the matrices; expected another file")
        try_folder(path.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"--out {path}: {reason}; expected a place that can be written") from None

"""A reader's own matrices on the tile: read and checked here, multiplied by `zhenwu.cosim.tile.matmul_run`.

C[m,n] = A[m,k] . B[n,k]: k is the last axis of both. Values are rounded to float32, then to the format asked for.
NaN and infinity are refused: a whole block of 32 would become NaN, which no reader wants from a file.
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import ml_dtypes
import numpy as np
from numpy.lib.format import MAGIC_PREFIX, open_memmap
from numpy.typing import NDArray

from zhenwu.cosim.asked import Asked
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.files import try_folder, write_result
from zhenwu.cosim.tile.host import Job, Progress, no_progress
from zhenwu.cosim.tile.jobs import Wanted, require_room
from zhenwu.cosim.tile.matmul_run import matmul_run
from zhenwu.cosim.tile.tile_bench import bound, sized_job
from zhenwu.golden.tile.layout import plan
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS
from zhenwu.spec.mma_formats import OPERAND_FORMATS, mma_format

ARRAYS = {"2x2": (2, 2), "4x4": (4, 4), "8x8": (8, 8)}
LATENCIES = range(1, 5)
FLOATS = ("float16", "bfloat16", "float32", "float64")


class InputError(Exception):
    """What a user gave cannot be used; the message is one sentence that names it and says what was expected."""


@dataclass(frozen=True)
class UserTile:
    """The tile that was asked for, and how it multiplies."""

    rows: int
    cols: int
    latency: int
    wanted: Wanted

    @property
    def kind(self) -> dict[str, object]:
        """Arguments of the tile: it has just the one format."""
        return {"rows": self.rows, "cols": self.cols, "latency": self.latency, "formats": (self.wanted.fmt.name,)}


@dataclass(frozen=True)
class UserMatmul:
    """Matrices that have been checked, compiled for a tile."""

    job: Job
    out: Path | None
    tile: UserTile

    @property
    def least_cycles(self) -> int:
        """Cycles that the tile needs at least."""
        return bound(self.job)

    def run(self, seed: int, progress: Progress = no_progress) -> Evidence:
        """Multiply on the tile; write C only if every bit was checked."""
        c, evidence = matmul_run(self.job, self.tile.kind, seed=seed, progress=progress)
        if self.out is not None and evidence.ok:
            write_product(self.out, c)
        return evidence


def write_product(path: Path, c: NDArray[np.float32]) -> None:
    """Write C as a .npy file, whole or not at all; BadInput if that fails."""
    content = io.BytesIO()
    np.save(content, c)
    write_result("--out", path, content.getvalue())


def checked(a_path: Path, b_path: Path, out: Path | None, asked: Asked) -> UserMatmul:
    """Read and check what a user gave; InputError before anything is simulated or written."""
    tile = check_tile(asked)
    if out is not None:
        check_out(out, a_path, b_path, *([] if asked.residual is None else [asked.residual]))
    a, b = load_matrix("--a", a_path), load_matrix("--b", b_path)
    check_shapes(a_path, a.shape, b_path, b.shape)
    tile = with_residual(tile, asked, (len(a), len(b)))
    check_room(a_path, b_path, (len(a), len(b), a.shape[1]), tile.wanted)
    job = sized_job("your matrices", a, b, tile.rows, tile.cols, wanted=tile.wanted)
    return UserMatmul(job, out, tile)


def check_tile(asked: Asked) -> UserTile:
    """The tile of what was typed, without the residual, which is not read yet."""
    for name, value, choices in (
        ("--array", asked.array, ARRAYS), ("--store", asked.store, STORE_FORMATS), ("--rule", asked.rule, SCALE_RULES),
        ("--latency", asked.latency, [str(latency) for latency in LATENCIES]),
    ):
        if value not in choices:
            raise InputError(f"{name} {value}: expected one of {', '.join(choices)}")
    try:
        fmt = mma_format(asked.fmt)
    except ValueError as error:
        raise InputError(f"--{error}") from None
    rows, cols = ARRAYS[asked.array]
    latency, subtiles = int(asked.latency), STEP_ROWS // rows * (STEP_ROWS // cols)
    assert latency <= subtiles  # of every array here
    store = next((each for each in OPERAND_FORMATS.values() if each.name == asked.store and each.scaled), None)
    return UserTile(rows, cols, latency, Wanted(fmt, store, asked.rule))


def with_residual(tile: UserTile, asked: Asked, shape: tuple[int, int]) -> UserTile:
    """The same with the residual that was asked for; it must be as large as C."""
    if asked.residual is None:
        return tile
    residual = load_matrix("--residual", asked.residual)
    if residual.shape != shape:
        raise InputError(f"--residual {asked.residual}: shape {residual.shape}; expected {shape}, that of C[m, n]")
    return replace(tile, wanted=replace(tile.wanted, residual=residual))


def load_matrix(option: str, path: Path) -> NDArray[np.float32]:
    """The float32 matrix in the .npy file `path`."""
    name = f"{option} {path}"
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe cannot be read twice, and may never end
            raise InputError(f"{name}: is no ordinary file; expected a .npy file")
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
    """Refuse matrices whose k differ."""
    k, b_k = a_shape[1], b_shape[1]
    if k != b_k:
        raise InputError(
            f"--b {b_path}: shape {b_shape}, but --a {a_path} has shape {a_shape}; "
            f"expected B[n, k] with the k = {k} of A[m, k]"
        )


def check_room(a_path: Path, b_path: Path, size: tuple[int, int, int], wanted: Wanted) -> None:
    """Refuse m, n, k beyond what memory holds."""
    try:
        require_room(*size, 0, wanted)
    except ValueError as error:
        raise InputError(f"--a {a_path}, --b {b_path}: too large for the tile: {error}") from None


def check_out(path: Path, *sources: Path, option: str = "--out") -> None:
    """Refuse an output that could not be written, or that would replace an input, before the time is spent."""
    name = f"{option} {path}"
    try:
        if path.is_dir():
            raise InputError(f"{name}: is a folder; expected the name of a file")
        if not path.parent.is_dir():
            raise InputError(f"{name}: its folder {path.parent} does not exist; expected one that does")
        if path.exists() and not path.is_file():
            raise InputError(f"{name}: is no ordinary file; expected one, or a new name")
        for source in sources:
            if path.exists() and source.exists() and path.samefile(source):
                raise InputError(f"{name}: is one of the files that are read; expected another one")
        try_folder(path.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{name}: {reason}; expected a place that can be written") from None

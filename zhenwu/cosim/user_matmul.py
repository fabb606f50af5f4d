"""A reader's own matrices on the tile: read and checked here, multiplied by `zhenwu.cosim.tile.matmul_run`.

C[m,n] = A[m,k] . B[n,k]: k is the last axis of both. Values are rounded to float32, then quantised to MXFP4.
NaN and infinity are refused: a whole block of 32 would become NaN, which no reader wants from a file.
"""

import io
import re
from pathlib import Path

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from hdl.bundle import ADDRESS_BITS, LINE_BITS
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.files import write_atomically
from zhenwu.spec.isa import STEP_ROWS

ARRAYS = ("2x2", "4x4", "8x8")
FLOATS = ("float16", "bfloat16", "float32", "float64")
LINE_BYTES = LINE_BITS // 8
STEP_K = 64  # MXFP4 elements in a line


class InputError(ValueError):
    """What a user gave cannot be used; the message is one sentence that names it and says what was expected."""


def run_user_matmul(a_path: Path, b_path: Path, out_path: Path | None, array: str, seed: int) -> Evidence:
    """Multiply two .npy files on a tile with `array` dot units; write C only if every bit was checked.

    Raises InputError for anything a user could have given wrongly, before anything is simulated or written.
    """
    rows, cols = parse_array(array)
    a, b = load_matrix("--a", a_path), load_matrix("--b", b_path)
    check_shapes(a_path, a.shape, b_path, b.shape)
    if out_path is not None:
        check_out(out_path)
    from zhenwu.cosim.tile.matmul_run import matmul_run

    c, evidence = matmul_run(a, b, rows=rows, cols=cols, seed=seed)
    if out_path is not None and evidence.ok:
        content = io.BytesIO()
        np.save(content, c)
        write_atomically(out_path, content.getvalue())
    return evidence


def parse_array(array: str) -> tuple[int, int]:
    """Rows and columns of "4x4"."""
    if array not in ARRAYS or not re.fullmatch(r"(\d+)x\1", array):
        raise InputError(f"--array {array}: expected one of {', '.join(ARRAYS)}")
    size = int(array.partition("x")[0])
    return size, size


def load_matrix(option: str, path: Path) -> NDArray[np.float32]:
    """The float32 matrix in the .npy file `path`."""
    name = f"{option} {path}"
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; expected a .npy file") from None
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or str(error)).lower()}; expected a readable .npy file") from None
    except (ValueError, EOFError):
        raise InputError(f"{name}: not a .npy file of numbers; expected what numpy.save writes") from None
    if not isinstance(array, np.ndarray):
        array.close()
        raise InputError(f"{name}: an archive of several arrays; expected a .npy file with one")
    if array.dtype == "V2":  # how numpy stores a dtype that it does not know
        array = array.view(ml_dtypes.bfloat16)
    if array.dtype.name not in FLOATS:
        raise InputError(f"{name}: dtype {array.dtype.name}; expected one of {', '.join(FLOATS)}")
    if array.ndim != 2:
        raise InputError(f"{name}: {array.ndim} dimensions; expected a matrix of 2")
    if 0 in array.shape:
        raise InputError(f"{name}: shape {array.shape} has no elements; expected at least 1 x 1")
    if lines_of(*array.shape) > 1 << ADDRESS_BITS:
        raise InputError(f"{name}: shape {array.shape} does not fit; expected at most {_memory_mib()} MiB of memory")
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
    """Refuse matrices whose k differ, or that with their product need more memory than the port can address."""
    (m, k), (n, b_k) = a_shape, b_shape
    if k != b_k:
        raise InputError(
            f"--b {b_path}: shape {b_shape}, but --a {a_path} has shape {a_shape}; "
            f"expected B[n, k] with the k = {k} of A[m, k]"
        )
    lines = lines_of(m, k) + lines_of(n, k) + m * -(-n // (LINE_BYTES // 4))
    if lines > 1 << ADDRESS_BITS:
        raise InputError(
            f"--a {a_path}, --b {b_path}: A, B and C need {lines * LINE_BYTES / 2**20:.0f} MiB; "
            f"expected at most {_memory_mib()} MiB of memory"
        )


def lines_of(rows: int, k: int) -> int:
    """Memory lines of an MXFP4 operand: its elements, and a line of scales for 16 rows by 2 blocks."""
    steps = -(-k // STEP_K)
    return rows * steps + -(-rows // STEP_ROWS) * steps


def _memory_mib() -> int:
    return (LINE_BYTES << ADDRESS_BITS) >> 20


def check_out(path: Path) -> None:
    """Refuse an output that could not be written, before the time is spent."""
    if path.is_dir():
        raise InputError(f"--out {path}: is a folder; expected the name of a .npy file")
    if not path.parent.is_dir():
        raise InputError(f"--out {path}: its folder {path.parent} does not exist; expected one that does")

"""Lines of memory in a file, read and written.

    .npy   uint8[lines, 32], from line 0 on
    .npz   two arrays: `address`, integers[n], and `line`, uint8[n, 32], the bytes of the line at each address
"""

import io
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.files import write_result
from zhenwu.cosim.tile.host import Lines
from zhenwu.cosim.tile.jobs import lines_of
from zhenwu.cosim.user_matmul import InputError
from zhenwu.golden.tile.layout import LINE_BYTES, MEMORY_LINES

EXPECTED = f"expected uint8[lines, {LINE_BYTES}] in a .npy file, or arrays named address and line in a .npz file"


def load_lines(option: str, path: Path) -> Lines:
    """The lines in a file; InputError for anything else."""
    name = f"{option} {path}"
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{name}: is no ordinary file; {EXPECTED}")
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return lines_of(checked_lines(name, "the array", content))
            if set(content.files) != {"address", "line"}:
                raise InputError(f"{name}: holds {', '.join(content.files) or 'nothing'}; {EXPECTED}")
            lines = checked_lines(name, "line", content["line"])
            return sparse_lines(name, content["address"], lines)
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; {EXPECTED}") from None
    except OSError as error:
        raise InputError(f"{name}: {(error.strerror or str(error)).lower()}; {EXPECTED}") from None
    except (ValueError, EOFError, BadZipFile, KeyError, MemoryError):  # what numpy says of a file that is none of its
        raise InputError(f"{name}: not a whole file of arrays; {EXPECTED}") from None


def checked_lines(name: str, which: str, lines: NDArray) -> NDArray[np.uint8]:
    """The array, if it holds lines and no more than there are."""
    if lines.dtype != np.uint8 or lines.ndim != 2 or lines.shape[1] != LINE_BYTES or len(lines) > MEMORY_LINES:
        raise InputError(
            f"{name}: {which} is {lines.dtype}{list(lines.shape)}; expected uint8[lines, {LINE_BYTES}] of at most "
            f"{MEMORY_LINES} lines"
        )
    return lines


def sparse_lines(name: str, address: NDArray, lines: NDArray[np.uint8]) -> Lines:
    """Lines by their addresses."""
    if address.dtype.kind not in "iu" or address.shape != (len(lines),):
        raise InputError(
            f"{name}: address is {address.dtype}{list(address.shape)}; expected integers[{len(lines)}], one a line"
        )
    addresses = address.tolist()
    for line in addresses:
        if not 0 <= line < MEMORY_LINES:
            raise InputError(f"{name}: address {line} lies beyond memory; expected 0 .. {MEMORY_LINES - 1}")
    if len(set(addresses)) < len(addresses):
        raise InputError(f"{name}: an address comes twice; expected each line once")
    return dict(zip(addresses, lines_of(lines).values(), strict=True))


def save_lines(path: Path, lines: Lines) -> None:
    """Write lines as a .npz file, whole or not at all; BadInput if that fails."""
    addresses = sorted(lines)
    data = b"".join(lines[address].to_bytes(LINE_BYTES, "little") for address in addresses)
    content = io.BytesIO()
    np.savez_compressed(
        content, address=np.array(addresses, np.int64), line=np.frombuffer(data, np.uint8).reshape(-1, LINE_BYTES)
    )
    write_result("--save", path, content.getvalue())

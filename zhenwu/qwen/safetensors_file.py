"""The safetensors format: eight bytes with the length of a JSON header, the header, then the tensors' bytes.

Format: https://github.com/huggingface/safetensors, README section "Format". Read here by hand because numpy has no
BF16 and because a broken file must be named, with the tensor. Bytes are mapped, not read, until a tensor is asked for.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.checkpoint_error import CheckpointError

ELEMENTS = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}
LARGEST = 2**63 - 1  # no file reaches further
LONGEST_HEADER = 100_000_000  # the limit of the format's own library


class SafetensorsFile:
    """One file: `tensors` has its names; CheckpointError if the header does not describe the bytes that follow it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                size = path.stat().st_size
                if size < 8 or length > min(size - 8, LONGEST_HEADER):
                    raise CheckpointError(
                        f"{path}: has {size} bytes, too few for its header; expected a whole safetensors file"
                    )
                header = json.loads(file.read(length))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CheckpointError(f"{path}: {reason}; expected a safetensors file") from None
        except (ValueError, RecursionError) as error:
            if isinstance(error, CheckpointError):
                raise
            raise CheckpointError(f"{path}: its header is not JSON; expected a safetensors file") from None
        if not isinstance(header, dict):
            raise CheckpointError(f"{path}: its header is no JSON object; expected a safetensors file")
        header.pop("__metadata__", None)
        self.tensors: dict[str, dict[str, Any]] = header
        self.start = 8 + length
        for name, entry in header.items():
            self._check(name, entry, size - self.start)
        self._check_tiling(size - self.start)

    def _check(self, name: str, entry: Any, available: int) -> None:
        try:
            shape, (first, last), element = list(entry["shape"]), entry["data_offsets"], entry["dtype"]
            whole = all(type(n) is int and 0 <= n <= LARGEST for n in [*shape, first, last])
            whole = whole and isinstance(element, str) and math.prod(shape) <= LARGEST
        except (TypeError, KeyError, ValueError):
            whole = False
        if not whole:
            raise CheckpointError(
                f"{self.path}: tensor {name} is ill-described; expected its dtype, shape and data_offsets"
            )
        if last > available:
            raise CheckpointError(
                f"{self.path}: is truncated, tensor {name} ends at byte {self.start + last} of "
                f"{self.start + available}; expected the whole file"
            )
        if element in ELEMENTS and last - first != math.prod(shape) * ELEMENTS[element].itemsize:
            raise CheckpointError(
                f"{self.path}: tensor {name} spans {last - first} bytes; expected "
                f"{math.prod(shape) * ELEMENTS[element].itemsize} for {element}{shape}"
            )

    def _check_tiling(self, available: int) -> None:
        """The tensors lie side by side and fill the data, or else some bytes would be read twice or never."""
        end = 0
        for name, entry in sorted(self.tensors.items(), key=lambda item: item[1]["data_offsets"]):
            first, last = entry["data_offsets"]
            if first != end:
                raise CheckpointError(
                    f"{self.path}: tensor {name} begins at byte {first} of the data; expected {end}, where the one "
                    "before it ends"
                )
            end = last
        if end != available:
            raise CheckpointError(f"{self.path}: has {available - end} bytes beyond its last tensor; expected none")

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.tensors[name]["shape"])

    def read(self, name: str, dtype: np.dtype) -> NDArray:
        """The tensor `name` as an array of its own in `dtype`, all finite; BF16 is the upper half of a float32."""
        entry = self.tensors[name]
        if entry["dtype"] not in ELEMENTS:
            raise CheckpointError(
                f"{self.path}: tensor {name} has dtype {entry['dtype']}; expected one of {', '.join(ELEMENTS)}"
            )
        element, shape = ELEMENTS[entry["dtype"]], self.shape(name)
        if not math.prod(shape):
            return np.zeros(shape, dtype)
        first = self.start + entry["data_offsets"][0]
        codes = np.memmap(self.path, element, "r", first, shape)
        with np.errstate(over="ignore", invalid="ignore"):  # what becomes infinite in `dtype` is refused below
            if entry["dtype"] == "BF16":
                found = (codes.astype(np.uint32) << 16).view(np.float32).astype(dtype)
            else:
                found = np.array(codes, dtype)
        if not np.isfinite([found.min(), found.max()]).all():
            raise CheckpointError(
                f"{self.path}: tensor {name} holds NaN or infinity as {found.dtype}; expected finite numbers"
            )
        return found

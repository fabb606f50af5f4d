"""What the chapter on numbers in four bits computes with: formats by name, errors, and one large element in a block."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden import numerics
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, E8M0_BIAS

ELEMENTS = {"MXFP4": E2M1, "MXFP8": E4M3}
BLOCKS = 4000  # of normally distributed numbers: their errors then stand to three digits
Rotation = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def rounded(x: NDArray[np.float32], name: str = "MXFP4", rule: str = "floor") -> NDArray[np.float32]:
    """What a format leaves of rows x float32[rows, k], k a whole number of blocks; NVFP4 has one scale for all rows."""
    if name == "NVFP4":
        tensor_scale = numerics.nvfp4_tensor_scale(x)
        return numerics.nvfp4_dequantise(*numerics.nvfp4_quantise(x, tensor_scale), tensor_scale)
    return numerics.mx_dequantise(*numerics.mx_quantise(x, ELEMENTS[name], rule), ELEMENTS[name])


def size(x: NDArray) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def error(found: NDArray, exact: NDArray) -> float:
    """The root of the mean squared error, over that of the exact numbers."""
    return size(found.astype(np.float64) - exact) / size(exact)


def peaks(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far the largest element of each block stands out: its magnitude over the block's root mean square."""
    blocks = x.reshape(-1, BLOCK_SIZE).astype(np.float64)
    return np.abs(blocks).max(axis=1) / np.sqrt(np.mean(blocks**2, axis=1))


def scale_of(scale: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The value of scale bytes, none of them NaN."""
    return np.ldexp(1.0, scale.astype(int) - E8M0_BIAS)


def bell(rows: int, seed: int = 1, blocks: int = 1) -> NDArray[np.float32]:
    """Rows of normally distributed numbers, float32[rows, 32 * blocks]."""
    return np.random.default_rng(seed).standard_normal((rows, BLOCK_SIZE * blocks), dtype=np.float32)


def given_next_exponent(power: float, within: int = 1000) -> int:
    """Of the `within` float32 just below a power of two, how many get its exponent from numpy's float32 log2."""
    below = (np.float32(power).view(np.uint32) - np.arange(1, within + 1, dtype=np.uint32)).view(np.float32)
    return int(np.sum(np.floor(np.log2(below)) == np.floor(np.log2(np.float32(power)))))


def neighbours(sizes: Sequence[float], rotate: Rotation | None = None) -> list[tuple[float, float, float]]:
    """(size, error, zeros) of the other elements beside one of each size, in MXFP4 with the floor rule.

    The others are normally distributed. `error` is relative to them, `zeros` the share of them that becomes zero. With
    `rotate` a block is rotated first and rotated back at the end.
    """
    found = []
    for size in sizes:
        blocks = bell(BLOCKS)
        blocks[:, 0] = size
        left = rotate(rounded(rotate(blocks))) if rotate else rounded(blocks)
        found.append((size, error(left[:, 1:], blocks[:, 1:]), float(np.mean(left[:, 1:] == 0))))
    return found


def largest_kept(rule: str, element: str = "MXFP4", steps: int = 96) -> list[tuple[float, float]]:
    """For largest magnitudes from one power of two up to the next: (magnitude, what is left of it over it)."""
    magnitudes = 1 + np.arange(steps) / steps
    blocks = np.zeros((steps, BLOCK_SIZE), np.float32)
    blocks[:, 0] = magnitudes
    return list(zip(magnitudes.tolist(), (rounded(blocks, element, rule)[:, 0] / blocks[:, 0]).tolist(), strict=True))

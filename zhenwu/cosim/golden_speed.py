"""How fast the golden matmuls are: each as a multiple of a float32 matmul of the same shape in the same run.

Timed is the product alone, from packed operands to float32: for MX, `grid_matmul` of two Grids against `x @ w.T`.
Weights are packed once, and packing x is timed beside it. Both sides are run by turns, so that neither finds the
processor's caches its own, and the figure is the median of one over the median of the other, in processor time: set
OMP_NUM_THREADS=1, as the Makefile does, for BLAS to take one thread. Every product is held to the plain definition,
bit by bit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics import (
    bf16_matmul,
    bf16_rows,
    bf16_rows_matmul,
    grid_matmul,
    mx_code_grid,
    mx_exact,
    mx_grid,
    mx_quantise,
)
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, E8M0_NAN, FloatFormat

SHAPES = ((3072, 1024), (1024, 3072))  # n x k of the weights
# Of issue 9, by m; W4A8 has E4M3 activations and E2M1 weights.
TARGETS: dict[str, dict[int, float]] = {
    "MXFP4": {1: 2.0, 64: 1.2, 256: 1.2}, "MXFP8": {1: 4.0, 64: 4.0, 256: 4.0}, "W4A8": {},
}
ELEMENTS = {"MXFP4": (E2M1, E2M1), "MXFP8": (E4M3, E4M3), "W4A8": (E4M3, E2M1)}
RUNS = {1: 101, 64: 15, 256: 9}  # turns by m
ANY_SCALE_ROWS = BF16_ROWS = 64


@dataclass(frozen=True)
class Ratio:
    """One measurement. `ratio` and `packing` are times in times of float32's; `differing` counts results whose bits
    are not those of the plain definition."""

    what: str
    m: int
    n: int
    k: int
    ratio: float
    packing: float
    target: float | None
    differing: int


def golden_ratios(seed: int) -> Iterator[Ratio]:
    """Each format on Gaussian data in both shapes; then on codes with any scales; then BF16, for information."""
    rng = np.random.default_rng(seed)
    for fmt in ELEMENTS:
        for n, k in SHAPES:
            yield from gaussian(fmt, n, k, RUNS, rng)
    for fmt in ELEMENTS:
        yield any_scales(fmt, ANY_SCALE_ROWS, *SHAPES[0], RUNS[64], rng)
    yield from bf16(*SHAPES[0], rng)


def gaussian(fmt: str, n: int, k: int, runs: dict[int, int], rng: np.random.Generator) -> Iterator[Ratio]:
    """Standard normal x and w, scales by the floor rule; all m are first rows of one x."""
    x_element, w_element = ELEMENTS[fmt]
    x, w = (rng.standard_normal((rows, k), np.float32) for rows in (max(runs), n))
    plain = mx_exact(*mx_quantise(x, x_element), *mx_quantise(w, w_element), x_element, w_element)
    weights = mx_grid(w, w_element)
    for m, turns in runs.items():
        part = x[:m]
        yield measured(
            fmt, part, w, lambda part=part: mx_grid(part, x_element), lambda packed: grid_matmul(packed, weights),
            plain[:m], TARGETS[fmt].get(m), turns,
        )


def any_scales(fmt: str, m: int, n: int, k: int, turns: int, rng: np.random.Generator) -> Ratio:
    """Random codes, NaN among them, with scales for which no row of x may go through float32 at once.

    A fourth of the rows of x has any scale byte from 0 to 255, 0, 254 and 255 among them; all others, and w, have
    bytes from 97 to 157.
    """
    x_element, w_element = ELEMENTS[fmt]
    x, w = ((random_codes(rows, k, each, rng), rng.integers(97, 158, (rows, k // BLOCK_SIZE), np.uint8))
            for rows, each in ((m, x_element), (n, w_element)))
    x[1][::4] = rng.integers(0, 256, x[1][::4].shape)
    x[1][0, :3] = 0, E8M0_NAN - 1, E8M0_NAN
    weights = mx_code_grid(*w, w_element)
    shaped = (rng.standard_normal((rows, k), np.float32) for rows in (m, n))
    return measured(
        f"{fmt}, any scales", *shaped, lambda: mx_code_grid(*x, x_element), lambda packed: grid_matmul(packed, weights),
        mx_exact(*x, *w, x_element, w_element), None, turns,
    )


def random_codes(rows: int, k: int, element: FloatFormat, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Any codes, but for NaN only in row 0."""
    codes = rng.integers(0, 1 << element.bits, (rows, k), np.uint8)
    nan = np.isin(codes % (1 << element.magnitude_bits), list(element.nan_codes))
    return np.where(nan & (np.arange(rows) > 0)[:, None], 1, codes)


def bf16(n: int, k: int, rng: np.random.Generator) -> Iterator[Ratio]:
    """BF16, whose definition aligns and cuts groups of eight, and so is no product of matrices."""
    x, w = (rng.standard_normal((rows, k), np.float32) for rows in (BF16_ROWS, n))
    weights = bf16_rows(w)
    plain = bf16_matmul(bf16_rows(x).codes, weights.codes)
    for m in (1, BF16_ROWS):
        part = x[:m]
        yield measured(
            "BF16", part, w, lambda part=part: bf16_rows(part), lambda packed: bf16_rows_matmul(packed, weights),
            plain[:m], None, 5,
        )


def measured(
    what: str, x: NDArray[np.float32], w: NDArray[np.float32], pack: Callable[[], Any],
    multiply: Callable[[Any], NDArray[np.float32]], plain: NDArray[np.uint32], target: float | None, turns: int,
) -> Ratio:
    """The golden product, and packing x for it, beside x @ w.T."""
    packed = pack()
    differing = int(np.count_nonzero(multiply(packed).view(np.uint32) != plain))
    float32, golden, packing = by_turns([lambda: x @ w.T, lambda: multiply(packed), pack], turns)
    return Ratio(what, *x.shape[:1], *w.shape, golden / float32, packing / float32, target, differing)


def by_turns(sides: list[Callable[[], Any]], turns: int) -> list[float]:
    """The median processor seconds of each side; the first turn is not counted."""
    seconds: list[list[float]] = [[] for _ in sides]
    for turn in range(turns + 1):
        for side, spent in zip(sides, seconds, strict=True):
            start = process_time()
            side()
            if turn:
                spent.append(process_time() - start)
    return [median(spent) for spent in seconds]


def line(ratio: Ratio) -> str:
    """One measurement as a line of text."""
    target = "" if ratio.target is None else f", target {ratio.target:g}"
    bits = "bits as defined" if not ratio.differing else f"{ratio.differing} RESULTS DIFFER FROM THE DEFINITION"
    return (
        f"{ratio.what:17} m {ratio.m:3}, n {ratio.n}, k {ratio.k}: {ratio.ratio:5.2f} of float32's time{target}; "
        f"packing x {ratio.packing:.2f}; {bits}"
    )

"""The fast twin of `mx_exact`: the same bits, by BLAS.

Where nothing is rounded, order does not matter. Say every value of A is a multiple of a unit u, and every one of B of
a unit v. Then each product is a multiple of u v, and so is any sum of them, in any order. While the magnitudes of the
products add up to at most 2^24 u v, every such sum is a float32. By Cauchy and Schwarz they add up to at most
|a| |b|, so one length a row, counted in units (its reach), decides it. There are three ways, and each row of A takes
the first that is exact for it:

    at once           one float32 product over all of k      reach of whole rows <= 2^24: no sum is ever rounded
    block by block    a float32 product a block              reach of each block <= 2^24: only the adding up rounds
    wide              a float64 product a block              always: float64 holds every dot product of a block

The lower two are the definition itself: a block's exact dot product becomes a float32, and is added in float32. Each
row of A is judged alone, and every way gives the same bits, so a result never depends on what else is in the batch.

MXFP4 with scales that lie near each other goes at once, and any MXFP4 block by block. MXFP8 with MXFP4 mostly goes
block by block. MXFP8 has more bits than float32 and goes wide: cutting one operand into two parts that float32 holds
would take two float32 products a block, which cost what one in float64 does.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.grid import Grid
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

# A reach is a float32 square root of a sum of k squares: 1 % is far more than its error for any k under 100,000.
EXACT_REACH = 0.99 * 2.0 ** (FLOAT32.mantissa_bits + 1)
# What one step writes stays in the processor's cache: as many results, of one block or of several if rows are few.
ROWS_AT_ONCE = 256
RESULTS_AT_ONCE = 1 << 15


def grid_matmul(a: Grid, b: Grid) -> NDArray[np.float32]:
    """A times B transposed: rows m and rows n of equal k and block size -> float32[m, n].

    Bit for bit mx_exact of the codes behind both; operands that do not fit raise ValueError.
    """
    if (a.values.shape[1], a.block_size) != (b.values.shape[1], b.block_size):
        raise ValueError(f"a has k = {a.values.shape[1]} but b has k = {b.values.shape[1]}: expected the same")
    with np.errstate(over="ignore", invalid="ignore"):  # an unknown reach is infinite, and NaN passes no comparison
        once = a.row_reach * b.longest_row <= EXACT_REACH
        if once.all():
            return at_once(a.values, b)
        narrow = (a.block_reach * b.longest_block <= EXACT_REACH).all(axis=1) & ~once
    product = at_once(a.values, b) if once.any() else np.empty((len(a.values), len(b.values)), np.float32)
    for way, chosen in ((block_by_block, narrow), (wide, ~(once | narrow))):
        if chosen.all():
            return way(a.values, b)
        if chosen.any():
            product[chosen] = way(a.values[chosen], b)
    return product


def at_once(rows: NDArray, b: Grid) -> NDArray[np.float32]:
    """One product for all of k: -> float32[rows, n]. Rows that some sum would round run along, and are replaced."""
    with np.errstate(over="ignore", invalid="ignore"):
        product = rows.astype(np.float32, copy=False) @ b.values.astype(np.float32, copy=False).T
    product += np.float32(0)  # BLAS may return -0, where a sum that starts from +0 never is
    return product


def block_by_block(rows: NDArray, b: Grid) -> NDArray[np.float32]:
    """Blocks in float32, of rows for which no block's dot product is rounded: -> float32[rows, n]."""
    return added_up(rows, b.by_block)


def wide(rows: NDArray, b: Grid) -> NDArray[np.float32]:
    """Blocks in float64, of any rows: -> float32[rows, n]."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        total = added_up(rows, b.wide_by_block)
    nan = np.isnan(total)
    if nan.any():
        total[nan] = np.uint32(CANONICAL_NAN).view(np.float32)
    return total


def added_up(rows: NDArray, right: NDArray) -> NDArray[np.float32]:
    """The definition on values: a dot product a block in the type of `right`, made float32, then added in float32.

    `right` is [blocks, block_size, n] -> float32[rows, n].
    """
    blocks, size, n = right.shape
    left = rows.reshape(len(rows), blocks, size).transpose(1, 0, 2).astype(right.dtype, order="C")
    height = max(1, min(len(rows), ROWS_AT_ONCE))
    width = max(1, min(n, RESULTS_AT_ONCE // height))
    depth = max(1, min(blocks, RESULTS_AT_ONCE // (height * width)))
    dots = np.empty((depth, height, width), right.dtype)
    terms = np.empty(dots.shape, np.float32) if right.dtype != np.float32 else dots
    part, total = np.empty((height, width), np.float32), np.empty((len(rows), n), np.float32)
    for top in range(0, len(rows), height):
        for side in range(0, n, width):
            here = slice(top, top + height), slice(side, side + width)
            sums = part[: len(rows) - top, : n - side]
            sums.fill(0)
            for first in range(0, blocks, depth):
                these = slice(first, first + depth)
                used = np.s_[: blocks - first, : len(sums), : sums.shape[1]]
                np.matmul(left[these, here[0]], right[these, :, here[1]], out=dots[used])
                if terms is not dots:
                    np.copyto(terms[used], dots[used], casting="same_kind")
                for term in terms[used]:
                    sums += term  # np.add.reduce would add in pairs where m = n = 1
            total[here] = sums
    return total

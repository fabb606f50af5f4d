"""The fast twin of `mx_exact`: the same bits, by BLAS.

Where nothing is rounded, order does not matter and blocks do not either. Say every value of a row of A is a multiple
of a unit u, and every one of a row of B of a unit v. Then each product is a multiple of u v, and so is any sum of
them, in any order. While the magnitudes of the products add up to at most 2^24 u v, every such sum is a float32, and
one float32 matrix product over all of k gives the exact result, which is also what rounding block by block gives.
By Cauchy and Schwarz the magnitudes add up to at most |a| |b|, so one length a row decides it.

Rows that do not pass go block by block in float64, which holds every dot product of a block. Each row of A is judged
alone, so a result never depends on what else is in the batch.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.grid import Grid
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

# The lengths are float32 sums of k squares: 1 % is far more than their error for any k under 100,000.
EXACT_LENGTH = 0.99 * 2.0 ** (FLOAT32.mantissa_bits + 1)
ROWS_AT_ONCE = 256  # so that what one block writes stays in the processor's cache


def grid_matmul(a: Grid, b: Grid) -> NDArray[np.float32]:
    """A times B transposed: rows m and rows n of equal k and block size -> float32[m, n].

    Bit for bit mx_exact of the codes behind both; operands that do not fit raise ValueError.
    """
    if (a.values.shape[1], a.block_size) != (b.values.shape[1], b.block_size):
        raise ValueError(f"a has k = {a.values.shape[1]} but b has k = {b.values.shape[1]}: expected the same")
    inexact = np.flatnonzero(~(a.length * b.longest <= EXACT_LENGTH * a.unit))
    if inexact.size == len(a.values):
        return block_by_block(a.values, b)
    product = a.values.astype(np.float32, copy=False) @ b.values.astype(np.float32, copy=False).T
    product += np.float32(0)  # BLAS may return -0, where a sum that starts from +0 never is
    if inexact.size:
        product[inexact] = block_by_block(a.values[inexact], b)
    return product


def block_by_block(rows: NDArray, b: Grid) -> NDArray[np.float32]:
    """The definition itself on values: an exact dot product a block, rounded to float32, then added in float32."""
    total = np.zeros((len(rows), len(b.values)), np.float32)
    blocks = rows.shape[1] // b.block_size
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        by_block = part.reshape(len(part), blocks, b.block_size).transpose(1, 0, 2).astype(np.float64, order="C")
        dot = np.empty((len(part), len(b.values)))
        term = np.empty(dot.shape, np.float32)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for left, right in zip(by_block, b.by_block, strict=True):
                np.matmul(left, right, out=dot)
                np.copyto(term, dot, casting="same_kind")
                total[start : start + ROWS_AT_ONCE] += term
    nan = np.isnan(total)
    if nan.any():
        total[nan] = np.uint32(CANONICAL_NAN).view(np.float32)
    return total

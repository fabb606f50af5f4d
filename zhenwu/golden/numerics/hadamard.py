"""The Hadamard rotation of blocks: it spreads an outlier over its block, and rotating both operands changes no product.

H is Sylvester's matrix: H_1 = (1), H_2n = (H_n, H_n; H_n, -H_n). It is symmetric, and divided by the root of its size
also orthonormal, so (x H) . (w H) = x . w. Five rounds of sums and differences do the work of 32 products an element.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import BLOCK_SIZE

ORTHONORMAL = np.float32(BLOCK_SIZE**-0.5)


def hadamard(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every block of 32 along the last axis times H / sqrt(32): x float32[..., k] -> float32[..., k].

    Each round of sums and differences, of elements 1, 2, 4, 8 and 16 apart, rounds to float32, and so does the
    product with RNE_f32(1 / sqrt(32)) at the end: the order is fixed, so the bits are too, in any batch. Another dtype
    raises TypeError, a k that is no multiple of 32 ValueError. Source: Sylvester 1867; as a remedy for four-bit
    formats: Ashkboos and others, QuaRot, arXiv:2404.00456.
    """
    x = require_dtype("x", x, np.float32)
    if x.ndim == 0 or x.shape[-1] % BLOCK_SIZE:
        raise ValueError(f"x has shape {x.shape}: expected a last axis that is a multiple of {BLOCK_SIZE} to rotate")
    # The elements of a block go to the first axis, so that numpy's inner loop runs along all the blocks.
    source = np.ascontiguousarray(x.reshape(-1, BLOCK_SIZE).T)  # (32, blocks)
    target = np.empty_like(source)
    with np.errstate(over="ignore", invalid="ignore"):
        for distance in (1, 2, 4, 8, 16):
            pairs = source.reshape(BLOCK_SIZE // (2 * distance), 2, distance, -1)
            sums = target.reshape(pairs.shape)
            np.add(pairs[:, 0], pairs[:, 1], out=sums[:, 0])
            np.subtract(pairs[:, 0], pairs[:, 1], out=sums[:, 1])
            source, target = target, source
        source *= ORTHONORMAL
    return np.ascontiguousarray(source.T).reshape(x.shape)

"""A running example for the sum of products: two blocks of real operands in which the order of adding shows."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.spec.formats import BLOCK_SIZE, E2M1_HALVES


def most_cancelling(a_codes: NDArray[np.uint8], b_codes: NDArray[np.uint8]) -> tuple[int, int]:
    """The row of A and the row of B whose first blocks cancel most: E2M1 codes uint8[m, k] and uint8[n, k] -> (i, j).

    Of all pairs with a positive dot product it is the first whose products, signs ignored, sum to most beyond it;
    (0, 0) where no pair has one.
    """
    a, b = (np.array(E2M1_HALVES)[codes[:, :BLOCK_SIZE]] for codes in (a_codes, b_codes))
    sums, sizes = a @ b.T, abs(a) @ abs(b).T  # [m, n] in quarters
    i, j = np.unravel_index(np.argmax(np.where(sums > 0, sizes - sums, -1)), sums.shape)
    return int(i), int(j)

"""The pair of blocks that the chapter on dot products follows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.chapter.cancelling import most_cancelling
from zhenwu.golden.numerics import mx_dot

ONE, MINUS_ONE, SIX = 2, 10, 7  # E2M1 codes


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 999))
def test_no_other_pair_with_a_positive_sum_cancels_more(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 16, (5, 96), np.uint8), rng.integers(0, 16, (7, 96), np.uint8)
    chosen = most_cancelling(a, b)
    lost = {}
    for i in range(5):
        for j in range(7):
            signed, unsigned = (int(mx_dot(a[i, :32] & mask, b[j, :32] & mask)) for mask in (15, 7))
            if signed > 0:
                lost[i, j] = unsigned - signed
    assert chosen in lost and lost[chosen] == max(lost.values())


def test_a_large_sum_without_cancelling_is_not_chosen():
    a, b = np.full((1, 32), SIX, np.uint8), np.full((3, 32), ONE, np.uint8)
    b[1, :15], b[2, :16] = MINUS_ONE, MINUS_ONE  # the sum of row 2 is zero
    assert most_cancelling(a, b) == (0, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_without_a_positive_sum_it_is_the_first_pair(rows):
    assert most_cancelling(np.full((rows, 32), ONE, np.uint8), np.full((2, 32), MINUS_ONE, np.uint8)) == (0, 0)

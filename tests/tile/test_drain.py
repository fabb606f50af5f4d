"""Draining: row-major beats from the right buffer, nothing beyond the result."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import drain as cosim
from zhenwu.golden.tile.drain import drain


def numbered(rows, cols):
    """Accumulators that hold 1000 * buffer + 16 * row + column + 1 of the result."""
    sub_rows, sub_cols = 16 // rows, 16 // cols
    values = 1000 * np.arange(2)[:, None, None] + np.arange(256).reshape(16, 16) + 1
    tiles = values.reshape(2, sub_rows, rows, sub_cols, cols).transpose(0, 1, 3, 2, 4)
    return tiles.reshape(-1, rows, cols).astype(np.uint32)


def test_a_ragged_result_of_a_4_x_4_array():
    assert drain(numbered(4, 4), 1, m=2, n=6, rows=4, cols=4).tolist() == [
        [1001, 1002, 1003, 1004],
        [1005, 1006, 0, 0],
        [1017, 1018, 1019, 1020],
        [1021, 1022, 0, 0],
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    array=st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([2, 4, 8])),
    buffer=st.integers(0, 1),
    m=st.integers(1, 16),
    n=st.integers(1, 16),
)
def test_beats_are_the_rows_of_the_result(array, buffer, m, n):
    rows, cols = array
    beats = drain(numbered(rows, cols), buffer, m, n, rows, cols)
    assert beats.shape == (m * -(-n // cols), cols) and beats.dtype == np.uint32
    words = beats.reshape(m, -1)
    expected = 1000 * buffer + np.arange(256).reshape(16, 16)[:m, :n] + 1
    np.testing.assert_array_equal(words[:, :n], expected)
    assert (words[:, n:] == 0).all()


@pytest.mark.parametrize("cols", [2, 4, 8])
def test_a_single_result_is_one_beat(cols):
    assert drain(numbered(4, cols), 0, 1, 1, 4, cols).tolist() == [[1] + [0] * (cols - 1)]


def test_hdl_equals_golden_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

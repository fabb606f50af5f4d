"""The residual buffer: a place for each line."""

import numpy as np
import pytest

from zhenwu.cosim.tile import residual_buffer as cosim
from zhenwu.golden.tile.residual_buffer import residual_buffer


def test_lines_lie_at_their_half_row_and_step():
    lines = [(0, 3, 7, np.full(32, 5, np.uint8)), (1, 15, 0, np.full(32, 6, np.uint8))]
    buffer = residual_buffer(lines)
    assert buffer.shape == (2, 16, 8, 32)
    assert (buffer[0, 3, 7] == 5).all() and (buffer[1, 15, 0] == 6).all() and np.count_nonzero(buffer) == 64


def test_a_later_line_replaces_an_earlier_one():
    lines = [(1, 2, 3, np.full(32, value, np.uint8)) for value in (8, 9)]
    assert (residual_buffer(lines)[1, 2, 3] == 9).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

"""The store path: whole lines, row by row, padded with +0."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import store_path as cosim
from zhenwu.golden.tile.store_path import store_path
from zhenwu.spec.isa import Store


def beats_of(words, cols):
    """Rows of words as beats, filled up with a value that must not reach memory."""
    rows, n = words.shape
    padded = np.pad(words, ((0, 0), (0, -n % cols)), constant_values=0xDEAD)
    return padded.reshape(-1, cols)


def test_two_rows_of_nine_words_are_two_lines_each():
    words = np.arange(18, dtype=np.uint32).reshape(2, 9) + 0x01020300
    writes = store_path(Store(m=2, n=9, base=100, stride=10), beats_of(words, 4))
    assert [address for address, _ in writes] == [100, 101, 110, 111]
    assert bytes(writes[0][1][:8]) == bytes([0, 3, 2, 1, 1, 3, 2, 1])
    assert bytes(writes[3][1]) == bytes([17, 3, 2, 1]) + bytes(28)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(m=st.integers(1, 16), n=st.integers(1, 16), cols=st.sampled_from([2, 4, 8]), seed=st.integers(0, 99))
def test_lines_hold_the_words_and_then_zeros(m, n, cols, seed):
    words = np.random.default_rng(seed).integers(0, 2**32, (m, n), dtype=np.uint32)
    writes = store_path(Store(m, n, base=3, stride=5), beats_of(words, cols))
    row_lines = (n + 7) // 8
    assert [address for address, _ in writes] == [3 + 5 * row + line for row in range(m) for line in range(row_lines)]
    stored = np.concatenate([line.view("<u4") for _, line in writes]).reshape(m, -1)
    np.testing.assert_array_equal(stored[:, :n], words)
    assert (stored[:, n:] == 0).all()


def test_addresses_wrap_at_the_end_of_the_address_space():
    writes = store_path(Store(2, 1, base=(1 << 23) - 1, stride=1), np.zeros((2, 4), np.uint32))
    assert [address for address, _ in writes] == [(1 << 23) - 1, 0]


@pytest.mark.parametrize("count", [3, 5])
def test_refuses_another_number_of_beats(count):
    with pytest.raises(ValueError, match=rf"{count} beats for Store\(m=2, n=5, .*: expected 4"):
        store_path(Store(2, 5, 0, 1), np.zeros((count, 4), np.uint32))


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

"""A residual added to a result."""

import numpy as np
import pytest

from zhenwu.cosim.tile import residual_add as cosim
from zhenwu.golden.tile.residual_add import residual_add
from zhenwu.spec.formats import CANONICAL_NAN


def residual_of(x):
    """float32[16, 64] as the lines of a half."""
    return x.astype("<f4").view(np.uint8).reshape(16, 8, 32)


@pytest.mark.parametrize("first_column", [0, 16, 48])
def test_each_element_gets_the_residual_of_its_row_and_column(first_column):
    rng = np.random.default_rng(first_column)
    x, residual = rng.normal(size=(5, 16)).astype(np.float32), rng.normal(size=(16, 64)).astype(np.float32)
    sums = residual_add(x.view(np.uint32), residual_of(residual), first_column)
    np.testing.assert_array_equal(sums.view(np.float32), x + residual[:5, first_column : first_column + 16])


def test_a_sum_that_is_nan_is_canonical():
    words = np.array([[0xFFC12345]], np.uint32)
    assert residual_add(words, residual_of(np.zeros((16, 64)))) == CANONICAL_NAN


@pytest.mark.parametrize(("shape", "first_column"), [((17, 1), 0), ((1, 17), 48)])
def test_refuses_a_result_beyond_the_residual(shape, first_column):
    with pytest.raises(ValueError, match=r"expected at most \(16, 64\) altogether"):
        residual_add(np.zeros(shape, np.uint32), residual_of(np.zeros((16, 64))), first_column)


def test_refuses_another_shape_of_residual():
    with pytest.raises(ValueError, match=r"residual has shape \(16, 64\): expected \(16, 8, 32\)"):
        residual_add(np.zeros((1, 1), np.uint32), np.zeros((16, 64), np.uint8))


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}

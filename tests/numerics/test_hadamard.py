"""Is the rotation Sylvester's matrix, orthonormal, and the same in every batch?"""

import numpy as np
import pytest

from zhenwu.golden.numerics.hadamard import hadamard
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise


def sylvester():
    h = np.ones((1, 1))
    while len(h) < 32:
        h = np.block([[h, h], [h, -h]])
    return h


def test_each_block_is_multiplied_by_sylvesters_matrix():
    x = np.random.default_rng(1).standard_normal((7, 3, 96)).astype(np.float32)
    expected = x.reshape(7, 3, 3, 32).astype(np.float64) @ sylvester() / np.sqrt(32)
    np.testing.assert_allclose(hadamard(x), expected.reshape(x.shape), atol=2e-6)


def test_whole_numbers_come_out_exact_but_for_the_last_product():
    x = np.random.default_rng(2).integers(-9, 10, (50, 32)).astype(np.float32)
    np.testing.assert_array_equal(hadamard(x), np.float32(x @ sylvester()) * np.float32(32**-0.5))


def test_dot_products_and_lengths_stay_and_twice_is_the_identity():
    x, w = np.random.default_rng(3).standard_normal((2, 20, 64)).astype(np.float32)
    np.testing.assert_allclose(hadamard(x) @ hadamard(w).T, x @ w.T, atol=1e-4)
    np.testing.assert_allclose(hadamard(hadamard(x)), x, atol=1e-6)


def test_an_outlier_is_spread_and_four_bits_lose_less():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((500, 32)).astype(np.float32)
    x[:, 5] *= 40
    errors = [np.sqrt(np.mean((mx_dequantise(*mx_quantise(y)) - y) ** 2)) for y in (x, hadamard(x))]
    assert errors[1] < 0.75 * errors[0]


def test_a_row_does_not_depend_on_the_others():
    x = np.random.default_rng(5).standard_normal((65, 128)).astype(np.float32)
    together = hadamard(x)
    for row in range(65):
        np.testing.assert_array_equal(hadamard(x[row]), together[row])


def test_infinities_raise_no_warning_and_the_input_is_left_alone():
    x = np.full((2, 32), np.inf, np.float32)
    assert np.isnan(hadamard(x)).any() and np.isposinf(x).all()


@pytest.mark.parametrize("shape", [(31,), (4, 48), ()])
def test_what_is_no_whole_block_is_refused(shape):
    with pytest.raises(ValueError, match="expected a last axis that is a multiple of 32 to rotate"):
        hadamard(np.ones(shape, np.float32))


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="x is float64: expected float32"):
        hadamard(np.ones(32))

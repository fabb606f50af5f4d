"""Is mx_dot the exact dot product of two blocks?"""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.numerics import mx_dot as cosim
from zhenwu.golden.numerics.mx_dot import mx_dot
from zhenwu.spec.formats import BLOCK_SIZE, PRODUCT_UNIT_EXPONENT

BLOCKS = st.binary(min_size=BLOCK_SIZE, max_size=BLOCK_SIZE).map(lambda raw: np.frombuffer(raw, np.uint8) % 16)
laws = settings(derandomize=True, deadline=None, max_examples=200)


def ml_dtypes_dot(a, b):
    """The dot product in float64, exact: 32 products of at most 36, in quarters."""
    values = [codes.view(ml_dtypes.float4_e2m1fn).astype(np.float64) for codes in (a, b)]
    return np.sum(values[0] * values[1], axis=-1)


def test_every_pair_of_codes_multiplies_as_in_ml_dtypes_in_every_lane():
    a, b, lane = (index.ravel() for index in np.meshgrid(np.arange(16), np.arange(16), np.arange(BLOCK_SIZE)))
    blocks = np.zeros((2, a.size, BLOCK_SIZE), np.uint8)
    blocks[0, np.arange(a.size), lane] = a
    blocks[1, np.arange(b.size), lane] = b
    np.testing.assert_array_equal(mx_dot(*blocks) * 2.0**PRODUCT_UNIT_EXPONENT, ml_dtypes_dot(*blocks))


def test_random_blocks_agree_with_ml_dtypes():
    a, b = np.random.default_rng(2).integers(0, 16, (2, 100_000, BLOCK_SIZE), dtype=np.uint8)
    np.testing.assert_array_equal(mx_dot(a, b) * 2.0**PRODUCT_UNIT_EXPONENT, ml_dtypes_dot(a, b))


@laws
@given(BLOCKS, BLOCKS)
def test_the_operands_commute(a, b):
    assert mx_dot(a, b) == mx_dot(b, a)


@laws
@given(BLOCKS, BLOCKS)
def test_flipping_the_signs_of_one_operand_negates(a, b):
    assert mx_dot(a ^ np.uint8(8), b) == -mx_dot(a, b) == mx_dot(a, b ^ np.uint8(8))


@laws
@given(BLOCKS, BLOCKS, st.lists(st.booleans(), min_size=BLOCK_SIZE, max_size=BLOCK_SIZE))
def test_the_dot_of_a_sum_is_the_sum_of_the_dots(a, b, kept):
    kept = np.array(kept)
    assert mx_dot(np.where(kept, a, 0), b) + mx_dot(np.where(kept, 0, a), b) == mx_dot(a, b)


@laws
@given(BLOCKS, BLOCKS, st.permutations(range(BLOCK_SIZE)))
def test_the_order_of_the_elements_does_not_matter(a, b, order):
    assert mx_dot(a[order], b[order]) == mx_dot(a, b)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_the_extremes_are_4608_quarters():
    six, minus_six = np.full(BLOCK_SIZE, 7, np.uint8), np.full(BLOCK_SIZE, 15, np.uint8)
    assert (mx_dot(six, six), mx_dot(minus_six, minus_six), mx_dot(six, minus_six)) == (4608, 4608, -4608)


def test_leading_axes_broadcast():
    a, b = np.random.default_rng(3).integers(0, 16, (2, 6, BLOCK_SIZE), dtype=np.uint8)
    table = mx_dot(a[:, None], b)
    assert table.dtype == np.int32
    assert table[4, 2] == mx_dot(a[4], b[2])
    assert table.shape == (6, 6)


def test_what_is_no_block_is_refused():
    block = np.zeros(BLOCK_SIZE, np.uint8)
    with pytest.raises(ValueError, match=r"b has shape \(31,\): expected a last axis of 32"):
        mx_dot(block, block[1:])
    with pytest.raises(ValueError, match="code 16 is no E2M1 code"):
        mx_dot(block + np.uint8(16), block)
    with pytest.raises(TypeError, match="int32: expected uint8"):
        mx_dot(block, block.astype(np.int32))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

"""Does e2m1_decode give the sixteen values of the standard?"""

import ml_dtypes
import numpy as np
import pytest

from zhenwu.cosim.numerics import e2m1_decode as cosim
from zhenwu.golden.numerics.e2m1_decode import e2m1_decode
from zhenwu.spec.formats import E2M1_HALVES

EVERY_CODE = np.arange(16, dtype=np.uint8)


def test_the_positive_values_are_those_of_the_standard():
    assert e2m1_decode(EVERY_CODE[:8]).tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6]


def test_every_code_has_the_bits_that_ml_dtypes_gives_it():
    expected = EVERY_CODE.view(ml_dtypes.float4_e2m1fn).astype(np.float32)
    np.testing.assert_array_equal(e2m1_decode(EVERY_CODE).view(np.uint32), expected.view(np.uint32))


def test_flipping_the_sign_bit_negates():
    values, negated = e2m1_decode(EVERY_CODE), e2m1_decode(EVERY_CODE ^ np.uint8(8))
    np.testing.assert_array_equal(negated.view(np.uint32), (-values).view(np.uint32))


def test_every_value_is_the_halves_of_the_spec():
    np.testing.assert_array_equal(e2m1_decode(EVERY_CODE) * 2, E2M1_HALVES)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_the_shape_is_kept():
    assert e2m1_decode(np.zeros((3, 0, 5), np.uint8)).shape == (3, 0, 5)
    assert e2m1_decode(np.uint8(7)) == 6


def test_what_is_no_code_is_refused():
    with pytest.raises(ValueError, match="code 16 is no E2M1 code"):
        e2m1_decode(np.array([3, 16], np.uint8))
    with pytest.raises(TypeError, match="codes is int64: expected uint8"):
        e2m1_decode(np.array([-1]))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

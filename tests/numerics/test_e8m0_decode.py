"""Does e8m0_decode give the powers of two of the standard?"""

import ml_dtypes
import numpy as np
import pytest

from zhenwu.cosim.numerics import e8m0_decode as cosim
from zhenwu.golden.numerics.e8m0_decode import e8m0_decode
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_BIAS, E8M0_NAN

EVERY_CODE = np.arange(256, dtype=np.uint8)
FINITE = EVERY_CODE[:E8M0_NAN]


def test_the_ends_and_the_middle_are_those_of_the_standard():
    assert e8m0_decode(np.array([0, 127, 254], np.uint8)).tolist() == [2.0**-127, 1.0, 2.0**127]


def test_every_code_has_the_bits_that_ml_dtypes_gives_it():
    expected = FINITE.view(ml_dtypes.float8_e8m0fnu).astype(np.float32)
    np.testing.assert_array_equal(e8m0_decode(FINITE).view(np.uint32), expected.view(np.uint32))


def test_the_exponent_is_the_code_less_the_bias():
    fraction, exponent = np.frexp(e8m0_decode(FINITE))
    assert np.all(fraction == 0.5)
    np.testing.assert_array_equal(exponent - 1, FINITE.astype(int) - E8M0_BIAS)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_code_0_is_a_subnormal_and_not_zero():
    assert e8m0_decode(np.array([0], np.uint8)).view(np.uint32) == 0x0040_0000


def test_code_255_is_the_canonical_nan():
    assert e8m0_decode(np.array([255], np.uint8)).view(np.uint32) == CANONICAL_NAN


def test_the_shape_is_kept():
    assert e8m0_decode(np.zeros((3, 0, 5), np.uint8)).shape == (3, 0, 5)
    assert e8m0_decode(np.uint8(128)) == 2


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="codes is int64: expected uint8"):
        e8m0_decode(np.array([127]))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

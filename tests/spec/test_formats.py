"""Are the number formats the published ones?"""

import math

import ml_dtypes
import numpy as np
import pytest

from zhenwu.spec.formats import (
    BF16,
    CANONICAL_NAN,
    E2M1,
    E2M1_HALVES,
    E4M3,
    E8M0,
    FLOAT32,
    MXFP4,
    MXFP8,
    NVFP4,
    FloatFormat,
)

# Not used yet: it shows that FloatFormat holds the other eight-bit format as well (OCP MX v1.0, section 5.3.1).
E5M2 = FloatFormat(exponent_bits=5, mantissa_bits=2, bias=15, has_infinity=True, nan_codes=range(0x7D, 0x80))

CASES = [
    pytest.param(E2M1, ml_dtypes.float4_e2m1fn, 6.0, id="e2m1"),
    pytest.param(E8M0, ml_dtypes.float8_e8m0fnu, 2.0**127, id="e8m0"),
    pytest.param(E4M3, ml_dtypes.float8_e4m3fn, 448.0, id="e4m3"),
    pytest.param(E5M2, ml_dtypes.float8_e5m2, 57344.0, id="e5m2"),
]


def test_e2m1_values_are_the_eight_of_the_standard_with_both_signs():
    positive = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    assert [E2M1.value(code) for code in range(8)] == positive
    assert [E2M1.value(code) for code in range(8, 16)] == [-value for value in positive]
    assert math.copysign(1, E2M1.value(8)) == -1
    assert E2M1_HALVES == (0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)


def test_mxfp4_is_32_e2m1_elements_to_one_e8m0_scale():
    assert (MXFP4.element, MXFP4.scale, MXFP4.block_size) == (E2M1, E8M0, 32)


def test_mxfp8_and_nvfp4_are_the_published_blocks():
    assert (MXFP8.element, MXFP8.scale, MXFP8.block_size) == (E4M3, E8M0, 32)
    assert (NVFP4.element, NVFP4.scale, NVFP4.block_size) == (E2M1, E4M3, 16)
    assert (MXFP8.bits_per_element, NVFP4.bits_per_element) == (8.25, 4.5)


@pytest.mark.parametrize("fmt, dtype, largest", CASES)
def test_every_code_has_the_value_that_ml_dtypes_gives_it(fmt, dtype, largest):
    codes = np.arange(1 << fmt.bits, dtype=np.uint8)
    expected = codes.view(dtype).astype(np.float64)
    values = np.array([fmt.value(int(code)) for code in codes])
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(np.signbit(values[~np.isnan(values)]), np.signbit(expected[~np.isnan(expected)]))


@pytest.mark.parametrize("fmt, dtype, largest", CASES)
def test_largest_value_and_its_exponent_are_the_published_ones(fmt, dtype, largest):
    assert fmt.value(fmt.largest_code) == largest == float(ml_dtypes.finfo(dtype).max)
    assert fmt.emax == math.floor(math.log2(largest))


def test_float32_is_numpy_float32():
    edges = [0, 1, 0x7FFFFF, 0x800000, 0x3F800000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, CANONICAL_NAN, 0x7FFFFFFF]
    bits = np.concatenate([edges, np.random.default_rng(1).integers(0, 1 << 31, 2000)]).astype(np.uint32)
    for word in np.concatenate([bits, bits | 1 << 31]):
        value, expected = FLOAT32.value(int(word)), float(word.view(np.float32))
        assert math.isnan(value) if math.isnan(expected) else math.copysign(1, value) == math.copysign(1, expected)
        assert math.isnan(value) or value == expected
    assert FLOAT32.value(FLOAT32.largest_code) == float(np.finfo(np.float32).max)


def test_bf16_is_the_upper_half_of_float32():
    for code in range(1 << BF16.bits):
        value, expected = BF16.value(code), FLOAT32.value(code << 16)
        assert math.isnan(value) and math.isnan(expected) or value == expected


def test_a_block_scale_adds_a_quarter_bit_to_an_mxfp4_element():
    assert (MXFP4.bits_per_element, E4M3.bits, BF16.bits) == (4 + 8 / 32, 8, 16)


def test_a_code_too_wide_is_refused():
    with pytest.raises(ValueError, match=r"code 16: expected 0 \.\. 15"):
        E2M1.value(16)

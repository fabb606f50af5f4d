"""MXFP8 and the other scale rules: does mx_quantise hold for them what test_mx_quantise holds for MXFP4?"""

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics.block_scale import SCALE_RULES, block_scale
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, E8M0_BIAS, E8M0_NAN

OUTSIDE = {E2M1: (ml_dtypes.float4_e2m1fn, 6), E4M3: (ml_dtypes.float8_e4m3fn, 448)}
# Relative RMS error on Gaussian numbers, as a study of these formats measured it.
GAUSSIAN_ERROR = {
    (E2M1, "floor"): 0.1149, (E2M1, "even"): 0.1118, (E2M1, "rceil"): 0.1153,
    (E4M3, "floor"): 0.0294, (E4M3, "even"): 0.0276, (E4M3, "rceil"): 0.0265,
}
both = pytest.mark.parametrize("element", [E2M1, E4M3])
every_rule = pytest.mark.parametrize("rule", SCALE_RULES)


def blocks_of_every_scale(seed):
    """Blocks within eight binades of their largest, of every exponent; a third of the elements beside a tie."""
    rng = np.random.default_rng(seed)
    shape = (255 * 32, BLOCK_SIZE)
    field = np.maximum(np.repeat(np.arange(255), 32)[:, None] - rng.integers(0, 8, shape), 0)
    fraction = rng.integers(0, 1 << 23, shape)
    beside = ((fraction >> 19 << 19) + rng.integers(-1, 2, shape)) & 0x7F_FFFF
    fraction = np.where(rng.integers(0, 3, shape) == 0, beside, fraction)
    return (rng.integers(0, 2, shape) << 31 | field << 23 | fraction).astype(np.uint32).view(np.float32)


@both
@every_rule
def test_elements_are_those_of_ml_dtypes_at_the_rules_scale(element, rule):
    x = blocks_of_every_scale(1)
    codes, scale = mx_quantise(x, element, rule)
    amax = np.abs(x).max(axis=-1, keepdims=True)
    np.testing.assert_array_equal(scale, block_scale(amax.view(np.uint32), element, rule))
    dtype, largest = OUTSIDE[element]
    scaled = np.ldexp(x.astype(np.float64), E8M0_BIAS - scale.astype(int)).astype(np.float32)
    np.testing.assert_array_equal(codes, np.clip(scaled, -largest, largest).astype(dtype).view(np.uint8))


@both
@every_rule
def test_the_error_on_gaussian_numbers_is_the_one_that_a_study_measured(element, rule):
    x = np.random.default_rng(5).standard_normal((4000, BLOCK_SIZE)).astype(np.float32)
    error = mx_dequantise(*mx_quantise(x, element, rule), element) - x
    relative = np.sqrt(np.mean(error.astype(np.float64) ** 2) / np.mean(x.astype(np.float64) ** 2))
    assert abs(relative / GAUSSIAN_ERROR[element, rule] - 1) < 0.01


@both
@every_rule
def test_only_rceil_never_saturates(element, rule):
    """Whether some element beyond the largest was brought down to it, more than rounding would."""
    x = blocks_of_every_scale(2)[32 * 20 : 32 * 240]
    _, scale = mx_quantise(x, element, rule)
    beyond = (np.abs(np.ldexp(x.astype(np.float64), E8M0_BIAS - scale.astype(int))) > OUTSIDE[element][1]).any()
    assert beyond == (rule != "rceil")


def test_the_default_is_mxfp4_by_the_floor_rule():
    x = blocks_of_every_scale(3)
    for default, named in zip(mx_quantise(x), mx_quantise(x, E2M1, "floor"), strict=True):
        np.testing.assert_array_equal(default, named)


@both
@every_rule
def test_zeros_nan_and_a_ragged_end(element, rule):
    sign = 1 << element.magnitude_bits
    codes, scale = mx_quantise(np.array([0.0, -0.0], np.float32), element, rule)
    assert (codes[:3].tolist(), scale.tolist()) == ([0, sign, 0], [0])
    x = np.ones(70, np.float32)
    x[[33, 69]] = np.nan, 1e-30
    codes, scale = mx_quantise(x, element, rule)
    assert (codes.size, scale[1], codes[32:64].any(), codes[70:].any()) == (96, E8M0_NAN, False, False)
    assert scale[0] == scale[2] == E8M0_BIAS - element.emax


def test_an_mxfp8_code_is_a_whole_byte_and_0x7f_is_nan():
    values = mx_dequantise(np.arange(256, dtype=np.uint8), np.full(8, E8M0_BIAS, np.uint8), E4M3)
    assert np.flatnonzero(np.isnan(values)).tolist() == [0x7F, 0xFF]


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="scale rule 'nearest': expected one of floor, even, rceil"):
        mx_quantise(np.ones(32, np.float32), rule="nearest")

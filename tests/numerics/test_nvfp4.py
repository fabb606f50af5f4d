"""NVFP4: the order of its divisions, its product against exact fractions, and the fast twin's bits."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics.nvfp4 import (
    nvfp4_dequantise,
    nvfp4_exact,
    nvfp4_quantise,
    nvfp4_tensor_scale,
)
from zhenwu.golden.numerics.nvfp4_grid import nvfp4_grid, nvfp4_matmul
from zhenwu.spec.formats import CANONICAL_NAN

FP4, FP8 = ml_dtypes.float4_e2m1fn, ml_dtypes.float8_e4m3fn
NAN_SCALE = 0x7F
SHAPES = [(300, 64, 128), (1, 1, 16), (1, 1, 1), (1, 64, 256), (7, 3, 37)]


def float32_oracle(row, ts):
    """Codes and scales of one row, a block at a time, with scalars of numpy and casts of ml_dtypes."""
    codes, scales = [], []
    for start in range(0, row.size, 16):
        part = row[start : start + 16]
        scale = np.float32(np.float32(np.abs(part).max() / np.float32(6)) / ts)
        scale = np.minimum(scale, np.float32(448)).astype(FP8)
        divisor = np.float32(scale) * ts
        scales.append(int(scale.view(np.uint8)))
        scaled = part / divisor if divisor else np.copysign(np.float32(0), part)
        codes += np.clip(scaled, -6, 6).astype(FP4).view(np.uint8).tolist()
    return codes, scales


def inputs(seed, shape):
    rng = np.random.default_rng(seed)
    gaussian = rng.standard_normal(shape).astype(np.float32)
    yield "gaussian", gaussian
    yield "many binades", gaussian * np.exp2(rng.integers(-20, 20, shape)).astype(np.float32)
    yield "elements that vanish beside the largest", gaussian * np.where(rng.random(shape) < 0.5, 1, np.float32(2**-17))
    by_block = np.exp2(-rng.integers(0, 22, (shape[0], -(-shape[1] // 16)))).repeat(16, axis=1)[:, : shape[1]]
    yield "blocks whose scales are subnormal", gaussian * by_block.astype(np.float32)
    for power in (-140, -139, -138, -137, -130):
        yield f"a tensor scale of few bits, {power}", gaussian * np.float32(2.0**power)
    yield "huge", np.clip(gaussian, -1.9, 1.9) * np.float32(2.0**127)
    yield "zeros of both signs", np.copysign(np.float32(0), gaussian)
    yield "sparse", gaussian * (rng.random(shape) < 0.05)
    yield "every word", rng.integers(0, 1 << 32, shape, dtype=np.uint32).view(np.float32)


def test_quantises_in_the_order_that_is_written_down():
    for name, x in inputs(1, (40, 48)):
        finite = np.where(np.isfinite(x), x, np.float32(1))
        ts = nvfp4_tensor_scale(finite, axis=-1)
        codes, scale = nvfp4_quantise(finite, ts)
        for row in range(len(x)):
            with np.errstate(all="ignore"):
                expected = float32_oracle(finite[row], ts[row])
            assert (codes[row].tolist(), scale[row].tolist()) == expected, name


def test_the_largest_value_keeps_its_place():
    x = np.random.default_rng(2).standard_normal((50, 64)).astype(np.float32)
    ts = nvfp4_tensor_scale(x)
    codes, scale = nvfp4_quantise(x, ts)
    assert ts == np.abs(x).max() / np.float32(2688)
    top = np.unravel_index(np.abs(x).argmax(), x.shape)
    assert codes[top] & 7 == 7 and scale[top[0], top[1] // 16] == 0x7E


def test_the_error_on_gaussian_numbers_is_the_one_that_a_study_measured():
    x = np.random.default_rng(3).standard_normal((4000, 32)).astype(np.float32)
    ts = nvfp4_tensor_scale(x)
    error = nvfp4_dequantise(*nvfp4_quantise(x, ts), ts) - x
    assert abs(np.sqrt(np.mean(error**2) / np.mean(x**2)) / 0.0951 - 1) < 0.01


def test_zeros_and_what_is_not_finite():
    x = np.array([[0.0, -0.0] + [0] * 14 + [1] * 16 + [np.inf] + [2] * 15 + [-np.nan] * 16], np.float32)
    ts = nvfp4_tensor_scale(x)
    codes, scale = nvfp4_quantise(x, ts)
    assert ts == np.float32(2) / np.float32(2688)
    assert codes[0, :2].tolist() == [0, 8] and not codes[0, 32:].any()
    assert scale[0, [0, 2, 3]].tolist() == [0, NAN_SCALE, NAN_SCALE]
    assert np.isnan(nvfp4_dequantise(codes, scale, ts))[0].tolist() == [False] * 32 + [True] * 32
    assert nvfp4_tensor_scale(np.zeros(4, np.float32)) == nvfp4_tensor_scale(np.full(4, 1e-45, np.float32)) == 1


def test_a_block_too_small_for_any_scale_becomes_zeros_with_their_signs():
    x = np.concatenate([np.full(16, 448.0), np.full(16, -5e-4)]).astype(np.float32)
    codes, scale = nvfp4_quantise(x, nvfp4_tensor_scale(x))
    assert scale[1] == 0 and set(codes[16:]) == {8}


def test_the_product_equals_exact_fractions_rounded_once_a_block():
    rng = np.random.default_rng(4)
    a_codes, b_codes = (rng.integers(0, 16, (rows, 48), dtype=np.uint8) for rows in (4, 5))
    a_scale, b_scale = (rng.integers(0, 0x7F, (rows, 3), dtype=np.uint8) for rows in (4, 5))
    alpha = rng.uniform(0.1, 10, (4, 5)).astype(np.float32)
    result = nvfp4_exact(a_codes, a_scale, b_codes, b_scale, alpha).view(np.float32)
    for i in range(4):
        for j in range(5):
            total = np.float32(0)
            for block in range(3):
                span = slice(16 * block, 16 * block + 16)
                pairs = zip(a_codes[i, span].view(FP4), b_codes[j, span].view(FP4), strict=True)
                dot = sum(Fraction(float(p)) * Fraction(float(q)) for p, q in pairs)
                scales = [Fraction(float(s.view(FP8))) for s in (a_scale[i, block], b_scale[j, block])]
                term = dot * scales[0] * scales[1]
                assert Fraction(float(np.float32(float(term)))) == term  # needs no rounding, as the docstring says
                total += np.float32(float(term))
            assert result[i, j] == total * alpha[i, j]


# the fast twin


@pytest.mark.parametrize("axis", [None, -1])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_fast_twin_has_the_plain_bits(shape, axis):
    m, n, k = shape
    weights = np.random.default_rng(9).standard_normal((n, k)).astype(np.float32)
    for name, x in inputs(m + n + k, (m, k)):
        for w in (weights, weights * np.float32(2.0**-135)):
            ts_a, ts_b = nvfp4_tensor_scale(x, axis), nvfp4_tensor_scale(w)
            with np.errstate(all="ignore"):
                alpha = np.broadcast_to(ts_a.reshape(-1, 1) * ts_b, (m, n))
            expected = nvfp4_exact(*nvfp4_quantise(x, ts_a), *nvfp4_quantise(w, ts_b), alpha)
            product = nvfp4_matmul(nvfp4_grid(x, axis), nvfp4_grid(w))
            np.testing.assert_array_equal(product.view(np.uint32), expected, err_msg=name)


def test_the_fast_twins_values_are_elements_times_scales():
    for name, x in inputs(6, (100, 70)):
        made = nvfp4_grid(x, -1)
        ts = nvfp4_tensor_scale(x, -1)
        codes, scale = nvfp4_quantise(x, ts)
        np.testing.assert_array_equal(made.tensor_scale, ts)
        elements = codes.view(FP4).astype(np.float32).reshape(100, 5, 16)
        expected = (elements * scale.view(FP8).astype(np.float32)[..., None]).reshape(100, 80)
        np.testing.assert_array_equal(made.grid.values, expected, err_msg=name)


def test_a_scale_a_row_keeps_rows_apart():
    rng = np.random.default_rng(7)
    x, w = rng.standard_normal((30, 64)).astype(np.float32), nvfp4_grid(rng.standard_normal((9, 64)).astype(np.float32))
    together = nvfp4_matmul(nvfp4_grid(x, -1), w)
    x[1:] *= 1000
    np.testing.assert_array_equal(nvfp4_matmul(nvfp4_grid(x, -1), w)[0], together[0])


def test_a_nan_is_canonical_and_stays_in_its_row():
    x = np.ones((2, 32), np.float32)
    x[0, 20] = np.nan
    product = nvfp4_matmul(nvfp4_grid(x, -1), nvfp4_grid(np.ones((3, 32), np.float32)))
    assert np.all(product[0].view(np.uint32) == CANONICAL_NAN) and product[1].tolist() == [32] * 3


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="x is float64: expected float32"):
        nvfp4_quantise(np.ones(16), np.float32(1))
    with pytest.raises(TypeError, match="tensor_scale is float64: expected float32"):
        nvfp4_quantise(np.ones(16, np.float32), np.float64(1))
    with pytest.raises(ValueError, match="x is a scalar"):
        nvfp4_quantise(np.float32(1), np.float32(1))

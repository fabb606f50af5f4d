"""Does every linear layer in a format give what the plain golden models give, whatever comes before or beside it?"""

import numpy as np
import pytest

from zhenwu.golden import numerics
from zhenwu.qwen.linear import LINEAR_FORMATS, SCALE_RULES, float_matmul, quantised_matmul
from zhenwu.spec.formats import E2M1, E4M3

NAME = "model.layers.0.self_attn.q_proj"
every_format = pytest.mark.parametrize("fmt", LINEAR_FORMATS)
quantised = pytest.mark.parametrize("fmt", [fmt for fmt in LINEAR_FORMATS if fmt != "fp32"])


def operands(seed, leading, n, k, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((*leading, k)).astype(dtype), rng.standard_normal((n, k)).astype(dtype)


def plain(fmt, x, w, rule="floor"):
    """The product by the plain golden model, a row at a time: float32[m, n]."""
    if fmt == "bf16":
        return numerics.bf16_matmul(numerics.bf16_encode(x), numerics.bf16_encode(w)).view(np.float32)
    if fmt == "nvfp4":
        ts_w, ts_x = numerics.nvfp4_tensor_scale(w), numerics.nvfp4_tensor_scale(x, axis=-1)
        codes = (*numerics.nvfp4_quantise(x, ts_x), *numerics.nvfp4_quantise(w, ts_w))
        return numerics.nvfp4_exact(*codes, ts_x[:, None] * ts_w).view(np.float32)
    a, b = {"mxfp4": (E2M1, E2M1), "w4a8": (E4M3, E2M1), "mxfp8": (E4M3, E4M3)}[fmt]
    return numerics.mx_exact(
        *numerics.mx_quantise(x, a, rule), *numerics.mx_quantise(w, b, rule), a, b
    ).view(np.float32)


def bits(x):
    return np.ascontiguousarray(x).view(np.uint32)


@quantised
@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize("leading", [(1,), (40,), (6, 1), (3, 4), (2, 3, 5), ()])
def test_each_format_has_the_bits_of_its_plain_model(fmt, rule, leading):
    x, w = operands(len(leading), leading, 24, 96)
    product = quantised_matmul(fmt, rule)(NAME, x, w)
    assert (product.shape, product.dtype) == ((*leading, 24), np.float32)
    np.testing.assert_array_equal(bits(product).reshape(-1, 24), bits(plain(fmt, x.reshape(-1, 96), w, rule)))


@quantised
def test_with_hadamard_both_sides_are_rotated_first(fmt):
    x, w = operands(1, (9,), 5, 64)
    product = quantised_matmul(fmt, hadamard=True)(NAME, x, w)
    np.testing.assert_array_equal(bits(product), bits(plain(fmt, numerics.hadamard(x), numerics.hadamard(w))))


@every_format
@pytest.mark.parametrize("hadamard", [False, True])
def test_each_format_comes_near_the_float_product(fmt, hadamard):
    x, w = operands(2, (30,), 40, 128)
    error = quantised_matmul(fmt, hadamard=hadamard)(NAME, x, w) - x @ w.T
    relative = np.sqrt(np.mean(error**2) / np.mean((x @ w.T) ** 2))
    assert relative < {"fp32": 1e-6, "bf16": 4e-3, "mxfp8": 0.05, "w4a8": 0.13, "nvfp4": 0.15, "mxfp4": 0.18}[fmt]


@quantised
def test_a_rows_result_depends_on_no_other_row(fmt):
    x, w = operands(3, (50, 1), 16, 96)
    x[7] *= 1000
    together = quantised_matmul(fmt)(NAME, x, w)
    for row in (0, 7, 49):
        np.testing.assert_array_equal(quantised_matmul(fmt)(NAME, x[row : row + 1], w)[0], together[row])


@every_format
def test_the_head_and_the_router_stay_in_float(fmt):
    x, w = operands(4, (8,), 4, 32)
    matmul = quantised_matmul(fmt, hadamard=True)
    for name in ("lm_head", "model.layers.11.mlp.gate"):
        np.testing.assert_array_equal(matmul(name, x, w), float_matmul(name, x, w))
    for name in ("model.layers.11.mlp.gate_proj", "model.layers.1.mlp.experts.0.gate_proj"):
        assert np.any(matmul(name, x, w) != float_matmul(name, x, w))


@every_format
def test_float64_is_cast_to_float32_for_the_formats_and_comes_back(fmt):
    x, w = operands(5, (8,), 4, 32, np.float64)
    product = quantised_matmul(fmt)(NAME, x, w)
    assert product.dtype == np.float64
    if fmt == "fp32":
        np.testing.assert_array_equal(product, float_matmul(NAME, x, w))
    else:
        np.testing.assert_array_equal(product, plain(fmt, x.astype(np.float32), w.astype(np.float32)))


@every_format
def test_what_was_packed_before_is_not_taken_for_something_else(fmt):
    """The same x again, x changed in place, another weight under a known name, the same weight as a new view."""
    x, w = operands(6, (8,), 6, 64)
    matmul, fresh = quantised_matmul(fmt), lambda x, w: quantised_matmul(fmt)(NAME, x, w)
    experts = np.stack([w, w[::-1] * 2])
    for weights in (experts[0], experts[0], experts[1], w):
        np.testing.assert_array_equal(matmul(NAME, x, weights), fresh(x, weights))
    x[3, 5] += 1
    np.testing.assert_array_equal(matmul(NAME, x, w), fresh(x, w))
    np.testing.assert_array_equal(matmul(NAME, x[:2], w), fresh(x[:2], w))
    np.testing.assert_array_equal(matmul("another", x, -w), fresh(x, -w))
    np.testing.assert_array_equal(matmul(NAME, x, w), fresh(x, w))


def test_weights_are_packed_once_and_activations_once_for_query_key_and_value(monkeypatch):
    packed = []
    real = numerics.mx_grid
    monkeypatch.setattr(numerics, "mx_grid", lambda x, **kwargs: packed.append(x.shape) or real(x, **kwargs))
    matmul = quantised_matmul("mxfp4")
    x, w = operands(7, (5,), 6, 64)
    for _ in range(3):
        for name in ("q", "k", "v"):
            matmul(name, x.copy(), w)
    assert packed == [(5, 64), (6, 64), (6, 64), (6, 64)]


def test_float_matmul_keeps_shape_and_type():
    for dtype in (np.float32, np.float64):
        x, w = operands(8, (3, 1), 5, 7, dtype)
        product = float_matmul("lm_head", x, w)
        assert (product.shape, product.dtype) == ((3, 1, 5), dtype)
        np.testing.assert_allclose(product, np.einsum("btk,nk->btn", x, w), rtol=1e-5, atol=1e-6)


@every_format
def test_no_rows_give_no_rows(fmt):
    x, w = operands(9, (0, 1), 5, 32)
    assert quantised_matmul(fmt)(NAME, x, w).shape == (0, 1, 5)


def test_unknown_names_and_a_k_that_cannot_be_rotated_are_refused():
    with pytest.raises(ValueError, match="linear format 'int4': expected one of fp32, bf16, mxfp8, w4a8, nvfp4, mxfp4"):
        quantised_matmul("int4")
    with pytest.raises(ValueError, match="scale rule 'ceil': expected one of floor, even, rceil"):
        quantised_matmul("mxfp4", "ceil")
    with pytest.raises(ValueError, match="multiple of 32 to rotate"):
        quantised_matmul("mxfp4", hadamard=True)(NAME, *operands(10, (2,), 3, 48))

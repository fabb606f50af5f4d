"""Do keys and values come back on their format's grid?"""

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics import SCALE_RULES, mx_dequantise, mx_quantise
from zhenwu.qwen.kv_format import KV_FORMATS, kv_quantiser
from zhenwu.spec.formats import E2M1, E4M3


def keys(head_dim, dtype=np.float32):
    return (3 * np.random.default_rng(head_dim).standard_normal((2, 3, 5, head_dim))).astype(dtype)


def test_fp32_leaves_them_alone():
    x = keys(32, np.float64)
    assert kv_quantiser("fp32")(x) is x


def test_fp8_is_the_saturating_cast_of_ml_dtypes():
    x = np.random.default_rng(1).integers(0, 1 << 32, (1000, 64), dtype=np.uint32).view(np.float32)
    x[:, ::2] = 100 * np.random.default_rng(2).standard_normal((1000, 32))
    number = ~np.isnan(x)
    stored = kv_quantiser("fp8")(x)
    expected = np.clip(x[number], -448, 448).astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    np.testing.assert_array_equal(stored[number].view(np.uint32), expected.view(np.uint32))
    assert np.isnan(stored[~number]).all()


@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize(("fmt", "element"), [("mxfp8", E4M3), ("mxfp4", E2M1)])
@pytest.mark.parametrize("head_dim", [8, 32, 48, 128])
def test_mx_blocks_lie_along_the_head_and_may_be_ragged(fmt, element, rule, head_dim):
    x = keys(head_dim)
    expected = mx_dequantise(*mx_quantise(x, element, rule), element)[..., :head_dim]
    stored = kv_quantiser(fmt, rule)(x)
    np.testing.assert_array_equal(stored.view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("fmt", KV_FORMATS)
def test_shape_and_type_are_kept_and_storing_twice_changes_nothing(fmt):
    for dtype in (np.float32, np.float64):
        x = keys(40, dtype)
        before = x.copy()
        stored = kv_quantiser(fmt)(x)
        assert (stored.shape, stored.dtype) == (x.shape, x.dtype)
        np.testing.assert_array_equal(kv_quantiser(fmt)(stored), stored)
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("fmt", KV_FORMATS)
def test_one_head_does_not_depend_on_another(fmt):
    x = keys(32)
    together = kv_quantiser(fmt)(x)
    np.testing.assert_array_equal(kv_quantiser(fmt)(x[1, 2, 3]), together[1, 2, 3])
    assert kv_quantiser(fmt)(x[:0]).shape == (0, 3, 5, 32)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="KV format 'int8': expected one of fp32, fp8, mxfp8, mxfp4"):
        kv_quantiser("int8")
    with pytest.raises(ValueError, match="scale rule 'ceil': expected one of floor, even, rceil"):
        kv_quantiser("mxfp4", "ceil")

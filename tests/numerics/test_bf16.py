"""Is BF16 the upper half of a float32, rounded to nearest even?"""

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics.bf16 import bf16_decode, bf16_encode

EVERY_CODE = np.arange(1 << 16, dtype=np.uint16)


def test_every_code_has_the_bits_that_ml_dtypes_gives_it():
    expected = EVERY_CODE.view(ml_dtypes.bfloat16).astype(np.float32)
    np.testing.assert_array_equal(bf16_decode(EVERY_CODE).view(np.uint32), expected.view(np.uint32))


def test_every_code_at_every_turn_of_the_lower_half_encodes_like_ml_dtypes():
    for lower in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF):
        x = (EVERY_CODE.astype(np.uint32) << 16 | lower).view(np.float32)
        x = x[~np.isnan(x)]
        np.testing.assert_array_equal(bf16_encode(x), x.astype(ml_dtypes.bfloat16).view(np.uint16))


def test_a_million_random_words_encode_like_ml_dtypes():
    x = np.random.default_rng(1).integers(0, 1 << 32, 1 << 20, dtype=np.uint32).view(np.float32)
    number = ~np.isnan(x)
    np.testing.assert_array_equal(bf16_encode(x[number]), x[number].astype(ml_dtypes.bfloat16).view(np.uint16))
    assert np.all(bf16_encode(x[~number]) == 0x7FC0)


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="x is float64: expected float32"):
        bf16_encode(np.ones(1))
    with pytest.raises(TypeError, match="codes is int64: expected uint16"):
        bf16_decode(np.array([1]))

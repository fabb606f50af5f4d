"""The matrix product: against exact fractions, laws, and the corners of float32."""

import struct
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.numerics import fp32_add, mx_dot, scale_round
from zhenwu.golden.tile.matmul import mx_matmul

pytestmark = pytest.mark.filterwarnings("error")

ONE = 2  # the E2M1 code of 1.0
SIX, MINUS_SIX = 7, 15
NAN = 0x7FC00000


def random_operand(rng, rows, blocks, scales=(0, 255)):
    """Codes and scale bytes, the scales between the two given, ends included."""
    codes = rng.integers(0, 16, (rows, 32 * blocks), dtype=np.uint8)
    return codes, rng.integers(scales[0], scales[1] + 1, (rows, blocks)).astype(np.uint8)


def filled(code, scales):
    """One row whose elements are all `code`, one block per scale."""
    return np.full((1, 32 * len(scales)), code, np.uint8), np.array([scales], np.uint8)


# published facts: the oracle takes its element and scale values from ml_dtypes and rounds exact fractions


def rounded(exact):
    """A Fraction to the nearest float32, ties to even, as a Python float."""
    if exact == 0:
        return 0.0
    ulp = max(exact.numerator.bit_length() - exact.denominator.bit_length() - 25, -149)
    while ulp < 104 and abs(exact) / Fraction(2) ** ulp >= 1 << 24:
        ulp += 1
    value = round(exact / Fraction(2) ** ulp) * Fraction(2) ** ulp
    if abs(value) >= 1 << 128:
        return float("inf") if value > 0 else float("-inf")
    return float(value)


def fraction_product(a_codes, a_scale, b_codes, b_scale):
    """One output, by the definition: bits of the float32."""
    total = 0.0
    for block, (sa, sb) in enumerate(zip(a_scale, b_scale, strict=True)):
        scales = [float(np.uint8(s).view(ml_dtypes.float8_e8m0fnu)) for s in (sa, sb)]
        if any(np.isnan(scales)):
            return NAN
        rows = [codes[32 * block : 32 * block + 32].view(ml_dtypes.float4_e2m1fn) for codes in (a_codes, b_codes)]
        dot = sum(Fraction(float(x)) * Fraction(float(y)) for x, y in zip(*rows, strict=True))
        term = rounded(dot * Fraction(scales[0]) * Fraction(scales[1]))
        finite = np.isfinite([total, term]).all()
        total = rounded(Fraction(total) + Fraction(term)) if finite else total + term
    return NAN if np.isnan(total) else struct.unpack("<I", struct.pack("<f", total))[0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    blocks=st.integers(1, 4),
    centre=st.sampled_from([0, 50, 52, 54, 60, 127, 185, 190, 192, 254]),
)
def test_equals_exact_fractions_rounded_as_defined(seed, blocks, centre):
    rng = np.random.default_rng(seed)
    scales = (max(centre - 6, 0), min(centre + 6, 255))
    a, b = random_operand(rng, 2, blocks, scales), random_operand(rng, 3, blocks, scales)
    expected = [[fraction_product(a[0][i], a[1][i], b[0][j], b[1][j]) for j in range(3)] for i in range(2)]
    np.testing.assert_array_equal(mx_matmul(*a, *b), np.array(expected, np.uint32))


# laws


@pytest.mark.parametrize(("m", "n", "blocks"), [(1, 1, 1), (1, 1, 7), (5, 1, 3), (3, 4, 8)])
def test_equals_the_blocks_of_the_dot_unit_one_by_one(m, n, blocks):
    rng = np.random.default_rng(m * n * blocks)
    (a, sa), (b, sb) = random_operand(rng, m, blocks, (100, 150)), random_operand(rng, n, blocks, (100, 150))
    total = np.zeros((m, n), np.uint32)
    for block in range(blocks):
        span = slice(32 * block, 32 * block + 32)
        dot = mx_dot(a[:, None, span], b[None, :, span])
        total = fp32_add(total, scale_round(dot, sa[:, None, block], sb[None, :, block]))
    np.testing.assert_array_equal(mx_matmul(a, sa, b, sb), total)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_swapping_the_operands_transposes_the_result(seed):
    rng = np.random.default_rng(seed)
    a, b = random_operand(rng, 3, 5), random_operand(rng, 4, 5)
    np.testing.assert_array_equal(mx_matmul(*a, *b), mx_matmul(*b, *a).T)


def test_order_within_a_block_does_not_matter_but_order_of_blocks_does():
    rng = np.random.default_rng(3)
    (a, sa), (b, sb) = random_operand(rng, 8, 6, (120, 134)), random_operand(rng, 8, 6, (120, 134))
    product = mx_matmul(a, sa, b, sb)
    inside = (32 * np.arange(6)[:, None] + rng.permutation(32)).ravel()
    np.testing.assert_array_equal(mx_matmul(a[:, inside], sa, b[:, inside], sb), product)
    backwards = (32 * np.arange(6)[::-1, None] + np.arange(32)).ravel()
    other = mx_matmul(a[:, backwards], sa[:, ::-1], b[:, backwards], sb[:, ::-1])
    assert (other != product).any()


def test_padding_blocks_change_nothing():
    rng = np.random.default_rng(4)
    (a, sa), (b, sb) = random_operand(rng, 3, 2, (60, 190)), random_operand(rng, 3, 2, (60, 190))
    padded = [np.pad(codes, ((0, 0), (0, 64))) for codes in (a, b)]
    scales = [np.pad(scale, ((0, 0), (0, 2)), constant_values=127) for scale in (sa, sb)]
    np.testing.assert_array_equal(mx_matmul(padded[0], scales[0], padded[1], scales[1]), mx_matmul(a, sa, b, sb))


# corners


@pytest.mark.parametrize(
    ("a", "b", "bits"),
    [
        pytest.param(filled(ONE, [127]), filled(ONE, [127]), 0x42000000, id="32 ones are 32"),
        pytest.param(filled(ONE, [0]), filled(ONE, [127]), 0x02800000, id="a scale byte of 0 is 2^-127"),
        pytest.param(filled(ONE, [0]), filled(ONE, [100]), 1, id="the smallest subnormal"),
        pytest.param(filled(MINUS_SIX, [0]), filled(SIX, [0]), 0, id="underflow of the first term leaves +0"),
        pytest.param(filled(SIX, [254]), filled(SIX, [127]), 0x7F800000, id="overflow to infinity"),
        pytest.param(filled(MINUS_SIX, [254]), filled(SIX, [127]), 0xFF800000, id="overflow to -infinity"),
        pytest.param(filled(ONE, [255]), filled(0, [127]), NAN, id="a NaN scale makes zeros NaN"),
        pytest.param(filled(ONE, [127, 255, 127]), filled(ONE, [127] * 3), NAN, id="NaN stays"),
    ],
)
def test_corner(a, b, bits):
    assert mx_matmul(*a, *b)[0, 0] == bits


def test_infinity_minus_infinity_is_the_canonical_nan():
    a = np.concatenate([np.full((1, 32), SIX, np.uint8), np.full((1, 32), MINUS_SIX, np.uint8)], axis=1)
    b = np.full((1, 64), SIX, np.uint8)
    scales = np.full((1, 2), 254, np.uint8)
    assert mx_matmul(a, scales, b, scales)[0, 0] == NAN


def test_no_zero_is_negative():
    zeros = filled(8, [127, 127])
    assert mx_matmul(*zeros, *filled(SIX, [127, 127]))[0, 0] == 0


# bad input


def test_refuses_wrong_shapes_types_and_codes():
    codes, scale = filled(ONE, [127, 127])
    with pytest.raises(ValueError, match=r"a_scale has shape \(1, 1\): expected \(1, 2\)"):
        mx_matmul(codes, scale[:, :1], codes, scale)
    with pytest.raises(ValueError, match=r"b_codes has shape \(1, 63\): expected"):
        mx_matmul(codes, scale, codes[:, :63], scale)
    with pytest.raises(ValueError, match="a has k = 64 but b has k = 32"):
        mx_matmul(codes, scale, codes[:, :32], scale[:, :1])
    with pytest.raises(ValueError, match="b_codes hold 16: expected 0 .. 15"):
        mx_matmul(codes, scale, codes + np.uint8(14), scale)
    with pytest.raises(TypeError, match="a_codes is int64: expected uint8"):
        mx_matmul(codes.astype(np.int64), scale, codes, scale)

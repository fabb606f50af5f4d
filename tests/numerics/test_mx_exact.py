"""The MX matrix product of every pair of elements, against exact fractions; and the corners that E4M3 brings."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics.mx_exact import mx_exact
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.spec.formats import BF16, BLOCK_SIZE, CANONICAL_NAN, E2M1, E4M3, E5M2, E8M0_NAN

DTYPES = {E2M1: ml_dtypes.float4_e2m1fn, E4M3: ml_dtypes.float8_e4m3fn}
PAIRS = [(E2M1, E2M1), (E4M3, E2M1), (E4M3, E4M3)]
pairs = pytest.mark.parametrize("elements", PAIRS, ids=["fp4 fp4", "fp8 fp4", "fp8 fp8"])
ONE, LARGEST, MINUS_LARGEST, NAN_CODE = 0x38, 0x7E, 0xFE, 0x7F  # of E4M3


def random_operand(rng, element, rows, blocks, scales=(0, 255)):
    """Codes that are no NaN, and scale bytes between the two given, ends included."""
    codes = rng.integers(0, 1 << element.bits, (rows, BLOCK_SIZE * blocks)).astype(np.uint8)
    codes[np.isin(codes & 0x7F, element.nan_codes)] = 0
    return codes, rng.integers(scales[0], scales[1] + 1, (rows, blocks)).astype(np.uint8)


def filled(code, scales):
    """One row whose elements are all `code`, one block per scale."""
    return np.full((1, BLOCK_SIZE * len(scales)), code, np.uint8), np.array([scales], np.uint8)


def to_float32(exact):
    """A Fraction to the nearest float32, ties to even."""
    if exact == 0:
        return np.float32(0)
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= size < Fraction(2) ** exponent
    place = Fraction(2) ** max(exponent - 23, -149)
    rounded = round(exact / place) * place
    return np.float32(float(rounded) if abs(rounded) < 2**128 else np.inf if exact > 0 else -np.inf)


def reference(a, b, elements):
    """One output of one row each, by the definition, in fractions."""
    (a_codes, a_scale), (b_codes, b_scale) = a, b
    total = np.float32(0)
    for block, (sa, sb) in enumerate(zip(a_scale, b_scale, strict=True)):
        span = slice(BLOCK_SIZE * block, BLOCK_SIZE * (block + 1))
        x, y = (codes[span].view(DTYPES[element]).astype(float) for codes, element in zip((a_codes, b_codes), elements,
                                                                                          strict=True))
        if E8M0_NAN in (sa, sb) or np.isnan([x, y]).any():
            return CANONICAL_NAN
        dot = sum(Fraction(p) * Fraction(q) for p, q in zip(x, y, strict=True))
        with np.errstate(over="ignore", invalid="ignore"):
            total = total + to_float32(dot * Fraction(2) ** (int(sa) + int(sb) - 254))
    return CANONICAL_NAN if np.isnan(total) else int(total.view(np.uint32))


@pairs
@pytest.mark.parametrize("centre", [0, 45, 60, 127, 185, 254])
def test_equals_exact_fractions_rounded_as_defined(elements, centre):
    rng = np.random.default_rng(centre)
    scales = (max(centre - 9, 0), min(centre + 9, 255))
    a = random_operand(rng, elements[0], 4, 3, scales)
    b = random_operand(rng, elements[1], 5, 3, scales)
    expected = [[reference((a[0][i], a[1][i]), (b[0][j], b[1][j]), elements) for j in range(5)] for i in range(4)]
    np.testing.assert_array_equal(mx_exact(*a, *b, *elements), np.array(expected, np.uint32))


@pytest.mark.parametrize(("m", "n", "blocks"), [(1, 1, 1), (1, 1, 7), (5, 1, 3), (30, 40, 8)])
def test_on_four_bit_operands_it_is_the_product_of_the_tile(m, n, blocks):
    rng = np.random.default_rng(m * n * blocks)
    a, b = random_operand(rng, E2M1, m, blocks), random_operand(rng, E2M1, n, blocks)
    np.testing.assert_array_equal(mx_exact(*a, *b), mx_matmul(*a, *b))


@pairs
def test_swapping_the_operands_transposes_the_result(elements):
    rng = np.random.default_rng(1)
    a, b = random_operand(rng, elements[0], 3, 5), random_operand(rng, elements[1], 4, 5)
    swapped = mx_exact(*b, *a, *elements[::-1])
    np.testing.assert_array_equal(mx_exact(*a, *b, *elements), swapped.T)


def test_order_within_a_block_does_not_matter_even_where_float32_would_round():
    rng = np.random.default_rng(2)
    (a, sa), (b, sb) = (random_operand(rng, E4M3, 8, 1, (120, 134)) for _ in "ab")
    order = rng.permutation(BLOCK_SIZE)
    product = mx_exact(a, sa, b, sb, E4M3, E4M3)
    np.testing.assert_array_equal(mx_exact(a[:, order], sa, b[:, order], sb, E4M3, E4M3), product)


@pytest.mark.parametrize(
    ("a", "b", "bits"),
    [
        pytest.param(filled(ONE, [127]), filled(ONE, [127]), 0x42000000, id="32 ones are 32"),
        pytest.param(filled(LARGEST, [254]), filled(LARGEST, [127]), 0x7F800000, id="overflow to infinity"),
        pytest.param(filled(LARGEST, [254] * 2), filled(MINUS_LARGEST, [127] * 2), 0xFF800000, id="to -infinity"),
        pytest.param(filled(1, [0]), filled(ONE, [127 - 18]), 1, id="2^-136 of a scaled subnormal code times 2^-13"),
        pytest.param(filled(0x81, [0]), filled(1, [0]), 0, id="underflow of the first term leaves +0"),
        pytest.param(filled(NAN_CODE, [127]), filled(0, [127]), CANONICAL_NAN, id="a NaN element"),
        pytest.param(filled(0xFF, [0]), filled(ONE, [0]), CANONICAL_NAN, id="a NaN element of the other sign"),
        pytest.param(filled(0, [E8M0_NAN]), filled(0, [127]), CANONICAL_NAN, id="a NaN scale"),
    ],
)
def test_corner(a, b, bits):
    assert mx_exact(*a, *b, E4M3, E4M3)[0, 0] == bits


def test_infinity_minus_infinity_is_the_canonical_nan():
    a = np.repeat(np.array([[LARGEST, MINUS_LARGEST]], np.uint8), BLOCK_SIZE, axis=1)
    scales = np.full((1, 2), 254, np.uint8)
    assert mx_exact(a, scales, np.full_like(a, LARGEST), scales, E4M3, E4M3)[0, 0] == CANONICAL_NAN


def test_refuses_wrong_shapes_types_and_codes():
    codes, scale = filled(2, [127, 127])
    with pytest.raises(ValueError, match=r"a_scale has shape \(1, 1\): expected \(1, 2\)"):
        mx_exact(codes, scale[:, :1], codes, scale)
    with pytest.raises(ValueError, match=r"b_codes has shape \(1, 63\): expected"):
        mx_exact(codes, scale, codes[:, :63], scale)
    with pytest.raises(ValueError, match="a has 2 blocks but b has 1"):
        mx_exact(codes, scale, codes[:, :32], scale[:, :1])
    with pytest.raises(ValueError, match="code 16 is too wide"):
        mx_exact(codes, scale, codes + np.uint8(14), scale)
    with pytest.raises(TypeError, match="a_codes is int64: expected uint8"):
        mx_exact(codes.astype(np.int64), scale, codes, scale)


def test_refuses_elements_whose_products_have_no_exact_sum_here():
    codes, scale = filled(2, [127])
    with pytest.raises(ValueError, match="b_element is E5M2: expected E2M1 or E4M3, .* takes 56 bits .* and 70"):
        mx_exact(codes, scale, codes, scale, E4M3, E5M2)
    with pytest.raises(ValueError, match="a_element is FloatFormat.*: expected E2M1 or E4M3"):
        mx_exact(codes, scale, codes, scale, BF16, E4M3)

"""BF16 in groups of eight: exact fractions, the corners of alignment, and the fast twin's bits."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from zhenwu.golden.numerics.bf16 import bf16_encode
from zhenwu.golden.numerics.bf16_matmul import bf16_matmul
from zhenwu.golden.numerics.bf16_rows import bf16_rows, bf16_rows_matmul
from zhenwu.spec.formats import CANONICAL_NAN

INFINITY = 0x7F80_0000


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


def field(code):
    """The exponent that the code's field stands for, subnormals and zero as the smallest normal."""
    return max(int(code) >> 7 & 0xFF, 1) - 127


def reference(a, b):
    """One output of one row of codes each, by the definition, in fractions."""
    total = np.float32(0)
    for start in range(0, a.size, 8):
        x, y = a[start : start + 8], b[start : start + 8]
        with np.errstate(invalid="ignore"):  # signalling NaN
            values = [codes.view(ml_dtypes.bfloat16).astype(float) for codes in (x, y)]
        if not np.isfinite(values).all():
            with np.errstate(invalid="ignore"):
                special = [p * q for p, q in zip(*values, strict=True) if not np.isfinite([p, q]).all()]
                term = np.float32(sum(special))
        else:
            products = [Fraction(p) * Fraction(q) for p, q in zip(*values, strict=True)]
            exponents = [field(p) + field(q) for p, q, product in zip(x, y, products, strict=False) if product]
            unit = Fraction(2) ** (max(exponents, default=0) - 24)
            term = to_float32(sum(int(product / unit) for product in products) * unit)  # int() cuts toward zero
        with np.errstate(over="ignore", invalid="ignore"):
            total = total + term
    return CANONICAL_NAN if np.isnan(total) else int(total.view(np.uint32))


def assert_as_defined(a, b):
    expected = [[reference(row, column) for column in b] for row in a]
    np.testing.assert_array_equal(bf16_matmul(a, b), np.array(expected, np.uint32))


def codes(*values):
    return np.array([values], ml_dtypes.bfloat16).view(np.uint16)


@pytest.mark.parametrize("k", [1, 7, 8, 9, 40])
@pytest.mark.parametrize("spread", [0, 6, 12, 30, 120])
def test_equals_exact_fractions_cut_and_rounded_as_defined(k, spread):
    rng = np.random.default_rng(k + spread)
    a, b = (
        bf16_encode(np.ldexp(rng.uniform(-2, 2, (rows, k)), rng.integers(-spread, spread + 1, (rows, k)))
                    .astype(np.float32)) for rows in (5, 4)
    )
    assert_as_defined(a, b)


def test_every_bit_pattern_is_as_defined():
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 1 << 16, (rows, 16)).astype(np.uint16) for rows in (30, 30))
    assert_as_defined(a, b)
    assert_as_defined(a & 0x81FF, b & 0x3FFF)  # subnormals and the smallest exponents


def test_what_lies_24_bits_under_the_largest_is_cut_toward_zero():
    unit = 2.0**-24
    two_pieces = bf16_matmul(codes(1, unit, unit), codes(1, 1.5, 1.5))  # 3 units in all, 2 after the cut
    assert two_pieces.view(np.float32) == 1 + 2 * unit
    for sign in (1, -1):  # seven pieces, each under a unit: nothing is left of them, though together they count
        pieces = codes(1, *[sign * unit / 2] * 7)
        assert bf16_matmul(pieces, codes(*[1] * 8)).view(np.float32) == 1


@pytest.mark.parametrize("small", [2.0**-47, 2.0**-60])
def test_a_zero_times_a_large_number_aligns_nothing(small):
    fine = 1 + 2.0**-7  # its square has a bit 14 places down
    a = np.array([[0, fine * small, small]], np.float32)
    b = np.array([[1 / small, fine * small, 1.25 * small]], np.float32)
    exact = np.float32((fine**2 + 1.25) * small**2)
    assert bf16_matmul(bf16_encode(a), bf16_encode(b)).view(np.float32) == exact
    assert bf16_rows_matmul(bf16_rows(a), bf16_rows(b)) == exact


def test_exponents_are_those_of_the_fields_and_not_of_the_products():
    """1.5 * 1.5 = 2.25 has the exponent 1, but the group is aligned to 0, and so keeps a bit more."""
    unit = 2.0**-24
    product = bf16_matmul(codes(1.5, *[unit] * 7), codes(1.5, *[1] * 7))
    assert product.view(np.float32) == np.float32(2.25 + 7 * unit) > 2.25


def test_infinities_and_nan():
    inf, nan = np.inf, np.nan
    for a, b, bits in [
        ((inf, 1), (1, -1), INFINITY), ((inf, 1), (-1, 1), INFINITY | 1 << 31), ((inf, 1), (0, 1), CANONICAL_NAN),
        ((inf, inf), (1, -1), CANONICAL_NAN), ((nan, 1), (0, 1), CANONICAL_NAN), ((3e38, 3e38), (3e38, -1), INFINITY),
    ]:
        assert bf16_matmul(codes(*a), codes(*b)) == bits


def test_no_zero_is_negative():
    assert bf16_matmul(codes(-0.0, -1.0), codes(1.0, 0.0)) == 0


def test_shapes_and_types_are_refused():
    a = codes(1, 2)
    with pytest.raises(ValueError, match="a has k = 2 but b has k = 1"):
        bf16_matmul(a, a[:, :1])
    with pytest.raises(ValueError, match=r"b has shape \(2,\): expected \(rows, k\)"):
        bf16_matmul(a, a[0])
    with pytest.raises(TypeError, match="a is float32: expected uint16"):
        bf16_matmul(a.astype(np.float32), a)


# the fast twin


@pytest.mark.parametrize("shape", [(300, 64, 128), (1, 1, 8), (1, 1, 1), (1, 64, 96), (7, 3, 37), (0, 3, 8), (3, 4, 0)])
@pytest.mark.parametrize("spread", [0, 8, 20, 46, 60, 126])
def test_the_fast_twin_has_the_plain_bits(shape, spread):
    m, n, k = shape
    rng = np.random.default_rng(m + spread)
    x, w = (
        np.ldexp(rng.uniform(-2, 2, (rows, k)), rng.integers(-spread, spread + 1, (rows, k))).astype(np.float32)
        for rows in (m, n)
    )
    for rows in (x, x * (rng.random((m, k)) < 0.1)):
        product = bf16_rows_matmul(bf16_rows(rows), bf16_rows(w))
        np.testing.assert_array_equal(product.view(np.uint32), bf16_matmul(bf16_encode(rows), bf16_encode(w)))


def test_the_fast_twin_has_the_plain_bits_on_every_pattern_beside_ordinary_rows():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 1 << 32, (200, 32), dtype=np.uint32).view(np.float32)
    x[::3] = rng.standard_normal((67, 32))
    w = rng.standard_normal((9, 32)).astype(np.float32)
    for a, b in ((x, w), (w, x), (x, x)):
        product = bf16_rows_matmul(bf16_rows(a), bf16_rows(b))
        np.testing.assert_array_equal(product.view(np.uint32), bf16_matmul(bf16_encode(a), bf16_encode(b)))

"""Is scale_round correctly rounded, for every dot product and every pair of scales?"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.numerics import scale_round as cosim
from zhenwu.golden.numerics.scale_round import scale_round
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_NAN

DOTS = st.integers(-8192, 8191)
SCALES = st.integers(0, 254)
laws = settings(derandomize=True, deadline=None, max_examples=300)


def bits(dot, scale_a, scale_b):
    return int(scale_round(np.int32(dot), np.uint8(scale_a), np.uint8(scale_b)))


def exact(dot, scale_a, scale_b):
    return dot * Fraction(2) ** (scale_a + scale_b - 256)


def test_scale_127_is_one_and_a_dot_counts_quarters():
    assert bits(4, 127, 127) == 0x3F80_0000
    assert bits(-1, 127, 127) == 0xBE80_0000
    assert bits(1, 128, 129) == 0x4000_0000


def test_every_dot_at_every_sum_of_scales_agrees_with_the_float32_ldexp_of_libm():
    dot = np.arange(-8192, 8192, dtype=np.int32)
    for total in range(2 * 254 + 1):
        scale_a, scale_b = np.array([total // 2, total - total // 2], np.uint8)
        with np.errstate(over="ignore", under="ignore"):
            expected = np.ldexp(dot.astype(np.float32), np.int32(total - 256))
        value = scale_round(dot, scale_a, scale_b)
        assert np.array_equal(value, expected.view(np.uint32)), f"scales add up to {total}"


@laws
@given(DOTS, SCALES, SCALES)
def test_no_float32_is_nearer_and_a_tie_goes_to_the_even_one(dot, scale_a, scale_b):
    target = exact(dot, scale_a, scale_b)
    chosen = bits(dot, scale_a, scale_b) & 0x7FFF_FFFF
    half_ulp_past_the_largest = Fraction(2) ** 128 - Fraction(2) ** 103
    if abs(target) >= half_ulp_past_the_largest:
        assert chosen == 0x7F80_0000
        return
    distances = {
        word: abs(Fraction(float(np.uint32(word).view(np.float32))) - abs(target))
        for word in (chosen - 1, chosen, chosen + 1)
        if 0 <= word < 0x7F80_0000
    }
    nearest = [word for word, distance in distances.items() if distance == min(distances.values())]
    assert chosen == next(word for word in nearest if len(nearest) == 1 or word % 2 == 0)


@laws
@given(DOTS, SCALES, SCALES)
def test_only_the_sum_of_the_scales_counts(dot, scale_a, scale_b):
    low = (scale_a + scale_b) // 2
    assert bits(dot, scale_a, scale_b) == bits(dot, low, scale_a + scale_b - low)


@laws
@given(DOTS.filter(bool), SCALES, SCALES)
def test_negating_the_dot_flips_only_the_sign(dot, scale_a, scale_b):
    assert bits(-dot, scale_a, scale_b) == bits(dot, scale_a, scale_b) ^ 0x8000_0000


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


@pytest.mark.parametrize("scales", [(E8M0_NAN, 0), (254, E8M0_NAN), (E8M0_NAN, E8M0_NAN)])
@pytest.mark.parametrize("dot", [-4608, -1, 0, 1, 4608])
def test_a_nan_scale_gives_the_canonical_nan_whatever_the_dot(dot, scales):
    assert bits(dot, *scales) == CANONICAL_NAN


def test_dot_0_is_plus_zero_at_every_scale():
    assert not scale_round(np.int32(0), np.arange(255, dtype=np.uint8), np.arange(255, dtype=np.uint8)).any()


def test_underflow_keeps_the_sign_and_ties_go_to_even():
    # With a sum of scales of 106 a dot counts halves of the smallest subnormal, 2^-149.
    assert [bits(dot, 53, 53) for dot in (1, 2, 3, -1, -3)] == [0, 1, 2, 0x8000_0000, 0x8000_0002]
    assert bits(-4608, 0, 0) == 0x8000_0000


def test_overflow_is_infinity():
    assert bits(1, 254, 129) == 0x7F00_0000  # 2^127
    assert bits(2, 254, 129) == 0x7F80_0000
    assert bits(-4608, 254, 254) == 0xFF80_0000


def test_arguments_broadcast():
    table = scale_round(np.arange(3, dtype=np.int32)[:, None], np.full(5, 127, np.uint8), np.uint8(127))
    assert (table.shape, table.dtype) == ((3, 5), np.uint32)


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="dot is int64: expected int32"):
        scale_round(np.int64(1), np.uint8(127), np.uint8(127))
    with pytest.raises(TypeError, match="scale_b is float32: expected uint8"):
        scale_round(np.int32(1), np.uint8(127), np.float32(1))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

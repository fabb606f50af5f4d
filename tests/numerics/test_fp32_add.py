"""Is fp32_add the IEEE 754 sum, bit for bit?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.numerics import fp32_add as cosim
from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.spec.formats import CANONICAL_NAN

SIGN, INFINITY = 0x8000_0000, 0x7F80_0000
EDGES = [0, 1, 2, 0x7F_FFFE, 0x7F_FFFF, 0x80_0000, 0x80_0001, 0xFF_FFFF, 0x100_0000, 0x3380_0000, 0x3380_0001]
EDGES += [0x3F7F_FFFF, 0x3F80_0000, 0x3F80_0001, 0x4B80_0000, 0x7F7F_FFFE, 0x7F7F_FFFF, INFINITY]
EDGES += [INFINITY + 1, 0x7FBF_FFFF, CANONICAL_NAN, 0x7FFF_FFFF]
WORDS = st.integers(0, 0xFFFF_FFFF) | st.sampled_from([*EDGES, *(SIGN | word for word in EDGES)])
laws = settings(derandomize=True, deadline=None, max_examples=300)


def word(value):
    return int(np.float32(value).view(np.uint32))


def add(x, y):
    return int(fp32_add(np.uint32(x), np.uint32(y)))


def numpy_add(x, y):
    """The oracle: numpy's float32 sum, with its NaNs (payloads, 0xFFC00000) made canonical."""
    with np.errstate(all="ignore"):
        total = x.view(np.float32) + y.view(np.float32)
    return np.where(np.isnan(total), np.uint32(CANONICAL_NAN), total.view(np.uint32))


def assert_adds_like_numpy(x, y):
    x, y = (np.asarray(words).astype(np.uint32) for words in (x, y))
    expected, result = numpy_add(x, y), fp32_add(x, y)
    wrong = np.flatnonzero(expected != result)
    assert not wrong.size, "{:08x} + {:08x} = {:08x}, not {:08x}".format(
        *(words[wrong[0]] for words in (x, y, expected, result))
    )


def float_words(rng, exponent, fraction):
    """Float32 words with the given exponent fields and fractions and random signs."""
    return rng.integers(0, 2, exponent.size) << 31 | exponent << 23 | fraction


def test_the_ties_of_one_go_to_even():
    ulp = 2.0**-23
    assert add(word(1), word(ulp / 2)) == word(1)
    assert add(word(1 + ulp), word(ulp / 2)) == word(1 + 2 * ulp)
    assert add(word(1), word(-ulp / 4)) == word(1)
    assert add(word(1), word(-3 * ulp / 8)) == word(1 - ulp / 2)


def test_half_an_ulp_past_the_largest_is_infinity():
    assert add(0x7F7F_FFFF, word(2.0**103)) == INFINITY
    assert add(0x7F7F_FFFF, word(2.0**103) - 1) == 0x7F7F_FFFF


def test_a_sum_of_zero_has_the_sign_that_ieee_754_gives_it():
    assert [add(0, 0), add(0, SIGN), add(SIGN, 0), add(SIGN, SIGN)] == [0, 0, 0, SIGN]
    assert add(word(1.5), word(-1.5)) == add(word(-1.5), word(1.5)) == 0


def test_every_pair_of_edges_adds_like_numpy():
    edges = np.array([*EDGES, *(SIGN | word for word in EDGES)])
    x, y = np.meshgrid(edges, edges)
    assert_adds_like_numpy(x.ravel(), y.ravel())


def test_random_words_of_every_exponent_add_like_numpy():
    x, y = np.random.default_rng(4).integers(0, 1 << 32, (2, 300_000))
    assert_adds_like_numpy(x, y)


@pytest.mark.parametrize("distance", [*range(31), 40, 63, 64, 128, 253])
def test_words_this_many_binades_apart_add_like_numpy(distance):
    rng = np.random.default_rng(distance)
    exponent = rng.integers(distance, 255, 10_000)
    ragged = rng.integers(0, 1 << 23, (2, exponent.size))
    # Few bits set, or few clear, make the ties and the long carries that random fractions miss.
    sparse = 1 << rng.integers(0, 24, (4, exponent.size))
    round_ones = [(sparse[i] - sparse[i + 1]) & 0x7F_FFFF for i in (0, 2)]
    for x, y in (ragged, round_ones, (ragged[0], round_ones[1])):
        assert_adds_like_numpy(float_words(rng, exponent, x), float_words(rng, exponent - distance, y))


def test_almost_equal_words_of_opposite_sign_cancel_like_numpy():
    rng = np.random.default_rng(5)
    x = rng.integers(0x10, INFINITY - 0x10, 100_000)
    assert_adds_like_numpy(x, (x + rng.integers(-8, 9, x.size)) | SIGN)


def test_subnormals_add_like_numpy():
    rng = np.random.default_rng(6)
    x, y = (float_words(rng, rng.integers(0, 3, 100_000), rng.integers(0, 1 << 23, 100_000)) for _ in "xy")
    assert_adds_like_numpy(x, y)


@laws
@given(WORDS, WORDS)
def test_the_operands_commute(x, y):
    assert add(x, y) == add(y, x)


@laws
@given(WORDS)
def test_adding_plus_zero_changes_nothing_but_minus_zero_and_nan(x):
    expected = CANONICAL_NAN if x & ~SIGN > INFINITY else 0 if x == SIGN else x
    assert add(x, 0) == expected


@laws
@given(WORDS, WORDS)
def test_negating_both_negates_the_sum(x, y):
    total, negated = add(x, y), add(x ^ SIGN, y ^ SIGN)
    exact_zero = total == 0 and x & ~SIGN != 0
    assert negated == (total if total == CANONICAL_NAN or exact_zero or {x, y} == {0, SIGN} else total ^ SIGN)


@laws
@given(WORDS)
def test_doubling_counts_the_exponent_up(x):
    normal_after = 0x80_0000 <= x & ~SIGN < 0x7F00_0000
    assert not normal_after or add(x, x) == x + 0x80_0000


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_infinities_and_nans():
    assert add(INFINITY, word(-1)) == add(INFINITY, INFINITY) == INFINITY
    assert add(SIGN | INFINITY, 0x7F7F_FFFF) == SIGN | INFINITY
    assert add(INFINITY, SIGN | INFINITY) == CANONICAL_NAN
    assert add(0xFFC0_1234, word(1)) == add(word(1), INFINITY + 1) == CANONICAL_NAN


def test_arguments_broadcast():
    total = fp32_add(np.zeros((3, 1), np.uint32), np.zeros(5, np.uint32))
    assert (total.shape, total.dtype) == ((3, 5), np.uint32)


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="x is float32: expected uint32"):
        fp32_add(np.float32(1), np.uint32(0))
    with pytest.raises(TypeError, match="y is int64: expected uint32"):
        fp32_add(np.uint32(0), np.array([1]))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

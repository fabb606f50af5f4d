"""Dot products as tensor cores are said to cut them: against exact fractions, and against slips of our own model."""

import importlib
from dataclasses import replace
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from zhenwu.chapter import changed
from zhenwu.golden.numerics import bf16_encode, bf16_matmul, mx_exact, truncated_dot, truncated_mx_dot
from zhenwu.golden.numerics.truncated_dot import cut_float
from zhenwu.spec.formats import BF16, E4M3
from zhenwu.spec.tensor_cores import AMPERE, BLACKWELL_FP4, HOPPER, HOPPER_FP8, TENSOR_CORES, VOLTA

MODULE = importlib.import_module("zhenwu.golden.numerics.truncated_dot")
DTYPES = {BF16: ml_dtypes.bfloat16, E4M3: ml_dtypes.float8_e4m3fn}
BY_PRODUCT = [core for core in TENSOR_CORES if core.element in DTYPES]
every_core = pytest.mark.parametrize("core", BY_PRODUCT, ids=lambda core: core.name)


# the oracle: Python's integers and fractions, one product at a time


def power(exponent):
    return Fraction(2) ** exponent


def binade(value):
    """The exponent of the power of two at or below |value|."""
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    return exponent - (abs(value) < power(exponent))


def field(value, smallest_normal):
    return max(binade(value), smallest_normal)


def added(terms, c, core):
    """c after one group of (value, exponent)."""
    if c:
        terms = [*terms, (c, field(c, -126))]
    terms = [(value, exponent) for value, exponent in terms if value]
    if not terms:
        return Fraction(0)
    unit = power(max(exponent for _, exponent in terms) - core.aligned_bits.value)
    total = sum(int(value / unit) for value, _ in terms) * unit  # int() cuts toward zero
    if not total:
        return total
    last = power(field(total, -126) - core.kept_bits.value)
    return int(total / last) * last


def grouped(terms, core, group):
    c, seen = Fraction(0), []
    for start in range(0, len(terms), group):
        c = added(terms[start : start + group], c, core)
        seen.append(float(c))
    return seen


def reference(a, b, core):
    dtype, smallest_normal = DTYPES[core.element], 1 - core.element.bias
    x, y = ([Fraction(float(value)) for value in codes.view(dtype)] for codes in (a, b))
    terms = [(p * q, field(p, smallest_normal) + field(q, smallest_normal)) if p and q else (Fraction(0), 0)
             for p, q in zip(x, y, strict=True)]
    return grouped(terms, core, core.group.value)


def reference_fp4(a, a_scale, b, b_scale, core):
    x, y = ([Fraction(float(value)) for value in codes.view(ml_dtypes.float4_e2m1fn)] for codes in (a, b))
    products = [p * q for p, q in zip(x, y, strict=True)]
    exponents = [int(s) + int(t) - 254 for s, t in zip(a_scale, b_scale, strict=True)]
    parts = [(sum(products[at : at + 16]) * power(exponents[at // 32]), exponents[at // 32])
             for at in range(0, len(products), 16)]
    return grouped(parts, core, core.group.value // 16)


# operands


def encode(values, core):
    if core.element is BF16:
        return bf16_encode(np.asarray(values, np.float32))
    return np.clip(values, -448, 448).astype(ml_dtypes.float8_e4m3fn).view(np.uint8)


def spread(rng, shape, places, core):
    return encode(np.ldexp(rng.uniform(-2, 2, shape), rng.integers(-places, places + 1, shape)), core)


def adversarial(rng, core):
    """Pairs of rows: cancelling sums, the largest last, one bit at the edge of what is cut, subnormals, zeros."""
    k, edge = 2 * core.group.value + 3, core.aligned_bits.value
    a, b = (spread(rng, k, 5, core) for _ in "ab")
    sign = 1 << core.element.magnitude_bits
    half = k // 2
    yield np.concatenate([a[:half], a[:half]]), np.concatenate([b[:half], b[:half] ^ sign])
    for places in range(edge - 3, edge + 4):  # 2^places over ones, as far as the format reaches
        top = min(places, 2 * core.element.emax - 1)
        x, y = np.full(k, 2.0 ** -((places - top) // 2)), np.full(k, 2.0 ** -(places - top - (places - top) // 2))
        x[[0, -1]], y[[0, -1]] = 2.0 ** (top // 2), 2.0 ** (top - top // 2)
        signs = np.where(rng.random(k) < 0.3, -1, 1)
        yield encode(x * signs, core), encode(y * 1.5, core)
        yield encode(x[::-1] * signs, core), encode(y[::-1] * 1.75, core)
    tiny = rng.integers(1, 1 << core.element.mantissa_bits, k).astype(a.dtype)
    yield tiny, b
    yield tiny, tiny[::-1].copy()
    if core.element is BF16:  # sums among float32's subnormals
        yield tuple(encode(np.ldexp(rng.uniform(1, 2, k), rng.integers(-71, -68, k)), core) for _ in "ab")
    yield np.where(rng.random(k) < 0.5, sign, a), np.where(rng.random(k) < 0.5, 0, b)
    yield np.full(k, sign, a.dtype), np.full(k, core.element.largest_code, a.dtype)


def cases(core, rng):
    for places in (0, 3, 7 if core.element is E4M3 else 20, 8 if core.element is E4M3 else 55):
        for k in (1, core.group.value - 1, core.group.value, 3 * core.group.value + 1):
            yield spread(rng, k, places, core), spread(rng, k, places, core)
    code = encode([0.0], core).dtype
    yield from ((x.astype(code), y.astype(code)) for x, y in adversarial(rng, core))


def unlike(model, core, seed=1):
    """How many rows differ from the oracle."""
    return sum(model(a, b, core).tolist() != reference(a, b, core) for a, b in cases(core, np.random.default_rng(seed)))


@every_core
@pytest.mark.parametrize("seed", range(4))
def test_equals_exact_fractions_after_every_group(core, seed):
    assert unlike(truncated_dot, core, seed) == 0


def fp4_cases(seed):
    rng = np.random.default_rng(seed)
    for places in (0, 2, 9, 20):
        a, b = rng.integers(0, 16, (2, 192), np.uint8)
        yield a, rng.integers(127 - places, 128 + places, 6, np.uint8), b, rng.integers(120, 123, 6, np.uint8)
        yield a, rng.choice([90, 127], 6).astype(np.uint8), b ^ 8, np.full(6, 127, np.uint8)


def unlike_fp4(model, seed):
    return sum(model(*case, BLACKWELL_FP4).tolist() != reference_fp4(*case, BLACKWELL_FP4) for case in fp4_cases(seed))


@pytest.mark.parametrize("seed", range(4))
def test_fp4_equals_exact_fractions_after_every_group(seed):
    assert unlike_fp4(truncated_mx_dot, seed) == 0


SLIPS = {
    "it is cut toward minus infinity": ("return np.where(significand < 0, -size, size)",
                                        "return np.where(significand < 0, -size - (places < 0), size)"),
    "it is rounded, not cut": (
        ">> np.clip(-places, 0, 63)", "+ (1 << np.clip(-places, 0, 62) >> 1) >> np.clip(-places, 0, 63)"
    ),
    "a bit more is kept inside": ("aligned, kept = int(", "aligned, kept = 1 + int("),
    "what leaves is rounded": ("np.trunc(np.ldexp", "np.rint(np.ldexp"),
    "c aligns nothing": ("np.maximum(exponents[0].max(axis=-1, keepdims=True), exponents[1])",
                         "np.maximum(exponents[0].max(axis=-1, keepdims=True), -2000)"),
    "a zero aligns": ("np.where(s == 0, LOWEST, e)", "e"),
    "a group is short": ("own = np.s_[..., start : start + group]", "own = np.s_[..., start : start + group - 1]"),
    "subnormals leave finer": ("np.maximum(np.frexp(exact)[1] - 1, SMALLEST_NORMAL)", "(np.frexp(exact)[1] - 1)"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_the_model_is_found(slip):
    wrong = changed(MODULE, *SLIPS[slip])
    assert sum(unlike(wrong.truncated_dot, core) for core in BY_PRODUCT) > 0


def test_a_slip_of_the_fp4_model_is_found():
    wrong = changed(MODULE, "-1, core.exact).sum(axis=-1)", "-1, core.exact)[..., 1:].sum(axis=-1)")
    assert unlike_fp4(wrong.truncated_mx_dot, 0) > 0


# laws and corners by name


def one_and_ones(places, core, count):
    """2^places, then `count` ones: powers that every format of the table has."""
    x = np.ones(1 + count)
    y = x.copy()
    x[0], y[0] = 2.0 ** (places // 2), 2.0 ** (places - places // 2)
    return encode(x, core), encode(y, core)


@pytest.mark.parametrize("core", [VOLTA, AMPERE, HOPPER], ids=lambda core: core.name)
def test_ones_under_a_large_number_vanish_from_the_first_place_that_is_cut(core):
    bits, rest = core.aligned_bits.value, core.group.value - 1
    at_edge, below = (truncated_dot(*one_and_ones(places, core, 4096), core)[-1] for places in (bits, bits + 1))
    assert below == 2.0 ** (bits + 1)  # all of them, however many
    first = truncated_dot(*one_and_ones(bits, core, rest), core)[-1]
    assert first - 2.0**bits == rest - rest % 2 ** (bits - 23)  # each counts, and float32 keeps the even part
    assert at_edge > 2.0**bits


def test_eight_bits_in_hopper_lose_thousands_of_ones_that_an_exact_block_keeps():
    a, b = one_and_ones(14, HOPPER_FP8, 4095)
    ones = np.full((1, 128), 127, np.uint8)
    exact = mx_exact(a[None], ones, b[None], ones, E4M3, E4M3).view(np.float32)
    assert exact == 2**14 + 4095 and truncated_dot(a, b, HOPPER_FP8)[-1] == 2**14


@every_core
def test_a_turned_sign_turns_the_sum_and_an_order_within_a_group_is_none(core):
    rng = np.random.default_rng(2)
    size = core.group.value
    a, b = (spread(rng, (40, 5 * size), 6, core) for _ in "ab")
    seen = truncated_dot(a, b, core)
    turned = truncated_dot(a ^ (1 << core.element.magnitude_bits), b, core)
    assert seen.shape == (40, 5) and (turned == -seen).all()
    order = np.concatenate([at + rng.permutation(size) for at in range(0, 5 * size, size)])
    assert (truncated_dot(a[:, order], b[:, order], core) == seen).all()
    assert (truncated_dot(a[:, ::-1], b[:, ::-1], core)[:, -1] != seen[:, -1]).any()


def test_one_group_of_our_own_rule_has_the_sum_of_ampere_and_rounds_it_where_ampere_cuts():
    rng = np.random.default_rng(3)
    a, b = (spread(rng, (500, 8), 12, AMPERE) for _ in "ab")
    ours = np.array([bf16_matmul(x[None], y[None])[0, 0] for x, y in zip(a, b, strict=True)]).view(np.float32)
    exact = [sum_of(x, y) for x, y in zip(a, b, strict=True)]
    cut = truncated_dot(a, b, AMPERE)[:, 0]
    assert (ours == np.array(exact, np.float64).astype(np.float32)).all()  # at most 28 bits: float64 holds them
    assert (np.abs(cut) <= np.abs(ours)).all() and 0.2 < np.mean(cut != ours) < 0.8
    assert (np.abs(cut - ours) <= np.spacing(np.abs(ours))).all()


def sum_of(a, b):
    """The aligned and cut sum of one group, before anything leaves."""
    more = replace(AMPERE.kept_bits, value=40)
    return reference(a, b, replace(AMPERE, kept_bits=more))[0]


def test_no_products_are_no_groups_and_no_zero_is_negative():
    none = np.zeros((3, 0), np.uint16)
    assert truncated_dot(none, none, AMPERE).shape == (3, 0)
    zero = cut_float(np.array([-1]), np.array([-152]), 23)
    assert zero == 0 and not np.signbit(zero)


def test_what_is_not_finite_is_refused_and_so_is_another_type():
    one, infinity = encode([1.0], AMPERE), np.array([0x7F80], np.uint16)
    with pytest.raises(ValueError, match="b holds NaN or infinity: expected finite numbers"):
        truncated_dot(one, infinity, AMPERE)
    with pytest.raises(ValueError, match="a holds NaN or infinity"):
        truncated_dot(np.array([0x7F], np.uint8), np.array([0x38], np.uint8), HOPPER_FP8)
    large = np.full(16, 0x7F00, np.uint16)
    with pytest.raises(ValueError, match="a sum leaves float32"):
        truncated_dot(large, large, HOPPER)
    with pytest.raises(TypeError, match="a is float32: expected uint16"):
        truncated_dot(one.astype(np.float32), one, AMPERE)
    codes, scale = np.zeros(64, np.uint8), np.array([127, 255], np.uint8)
    with pytest.raises(ValueError, match="b_scale holds NaN"):
        truncated_mx_dot(codes, np.full(2, 127, np.uint8), codes, scale, BLACKWELL_FP4)

"""Is term_round correctly rounded, once, for every sum and exponent?"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from myhdl import Simulation, delay, instance

from hdl.numerics import scale_round as first_form
from hdl.numerics import term_round as hardware
from zhenwu.cosim.numerics import scale_round as first_cosim
from zhenwu.cosim.numerics import term_round as cosim
from zhenwu.golden.numerics.scale_round import scale_round
from zhenwu.golden.numerics.term_round import term_round
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_NAN

INFINITY, SIGN = 0x7F80_0000, 0x8000_0000
TOTALS = st.integers(0, 41).flatmap(lambda size: st.integers(-(1 << size), 1 << size))
EXPONENTS = st.integers(-320, 140)
laws = settings(derandomize=True, deadline=None, max_examples=400)


def bits(total, exponent, nan=False, plus=False, minus=False):
    return int(term_round(np.int64(total), np.int32(exponent), *map(np.bool_, (nan, plus, minus))))


def no_flags(shape):
    return (np.zeros(shape, bool),) * 3


def outputs(module, vectors, **dut):
    """The value that a block gives for each vector, a dict of its inputs."""
    pins = module.ports()
    block = getattr(module, module.__name__.rpartition(".")[2])(**pins, **dut)
    seen = []

    @instance
    def drive():
        for vector in vectors:
            for name, value in vector.items():
                pins[name].next = int(value)
            yield delay(1)
            seen.append(int(pins["value"]))

    simulation = Simulation(block, drive)
    simulation.run(quiet=1)
    simulation.quit()
    return seen


def nearest(target):
    """The float32 bits nearest to a Fraction by comparing neighbours, ties to the even code."""
    size = abs(target)
    sign = SIGN if target < 0 else 0
    if size >= Fraction(2) ** 128 - Fraction(2) ** 103:
        return sign | INFINITY
    below = 0  # the largest code that is not above the target, by bisection
    for place in reversed(range(31)):
        candidate = below | 1 << place
        if candidate < INFINITY and Fraction(float(np.uint32(candidate).view(np.float32))) <= size:
            below = candidate
    low = Fraction(float(np.uint32(below).view(np.float32)))
    high = Fraction(2) ** 128 if below + 1 == INFINITY else Fraction(float(np.uint32(below + 1).view(np.float32)))
    up = size - low > high - size or (size - low == high - size and below % 2 == 1)
    return sign | below + up


@laws
@given(TOTALS.filter(bool), EXPONENTS)
def test_no_float32_is_nearer_and_a_tie_goes_to_the_even_one(total, exponent):
    assert bits(total, exponent) == nearest(total * Fraction(2) ** exponent)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_vectors_of_the_bench_are_rounded_as_fractions_are(seed):
    high, low, exponent, flags = cosim.stimulus(np.random.default_rng(seed), 1)
    total = (high << 14) + low
    chosen = np.flatnonzero(~flags.any(axis=1) & (total != 0))[:400]
    value = term_round(total[chosen], exponent[chosen], *no_flags(chosen.size))
    expected = [nearest(int(total[i]) * Fraction(2) ** int(exponent[i])) for i in chosen]
    assert value.tolist() == expected


def test_every_dot_of_four_bits_at_every_sum_of_scales_is_rounded_as_by_scale_round():
    dot = np.arange(-8192, 8192, dtype=np.int32)
    for total in range(2 * 254 + 1):
        scale_a, scale_b = np.array([total // 2, total - total // 2], np.uint8)
        value = term_round(dot.astype(np.int64), np.int32(total - 256), *no_flags(dot.shape))
        assert np.array_equal(value, scale_round(dot, scale_a, scale_b)), f"scales add up to {total}"


def test_the_hdl_rounds_a_dot_of_four_bits_as_the_first_form_does():
    dot, scale_a, scale_b = first_cosim.stimulus(np.random.default_rng(4), 1500)
    expected = outputs(first_form, [
        {"dot": d, "scale_a": a, "scale_b": b} for d, a, b in zip(dot, scale_a, scale_b, strict=True)
    ])
    value = outputs(hardware, [
        {"high": 0, "low": d, "exponent": int(a) + int(b) - 256, "nan": E8M0_NAN in (a, b)}
        for d, a, b in zip(dot, scale_a, scale_b, strict=True)
    ])
    assert value == expected


def test_the_hdl_reads_the_same_sum_from_any_pair_of_limbs():
    rng = np.random.default_rng(6)
    for total in (1, -1, (1 << 30) + 1, -(1 << 30) - 1, (3 << 39) + 5, -(3 << 39) + 5):
        carry = rng.integers(-(1 << 15), 1 << 15, 40)
        carry[:3] = 0, -(1 << 15), (1 << 15) - 1
        low = (total & 0x3FFF) + (carry << 14)
        vectors = [{"high": total - part >> 14, "low": part, "exponent": -30} for part in low.tolist()]
        assert set(outputs(hardware, vectors)) == {bits(total, -30)}


@laws
@given(TOTALS.filter(bool), EXPONENTS)
def test_negating_the_sum_flips_only_the_sign(total, exponent):
    assert bits(-total, exponent) == bits(total, exponent) ^ SIGN


@laws
@given(st.integers(-(1 << 38), 1 << 38), EXPONENTS)
def test_only_the_value_counts_not_the_unit(total, exponent):
    assert bits(8 * total, exponent - 3) == bits(total, exponent)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


@pytest.mark.parametrize(
    ("total", "exponent", "expected"),
    [
        pytest.param(1, 0, 0x3F80_0000, id="one"),
        pytest.param(0, 1024, 0, id="zero"),
        pytest.param((1 << 24) + 1, 0, 0x4B80_0000, id="a tie, even"),
        pytest.param((1 << 24) + 3, 0, 0x4B80_0002, id="a tie, odd"),
        pytest.param(((1 << 24) + 1 << 17) + 1, 0, 0x5400_0001, id="a tie but for the last bit"),
        pytest.param((1 << 24) - 1, 104, INFINITY - 1, id="the largest"),
        pytest.param((1 << 25) - 1, 103, INFINITY, id="halfway to infinity"),
        pytest.param(-(1 << 41), 128, SIGN | INFINITY, id="far past the largest"),
        pytest.param(1, -149, 1, id="the smallest"),
        pytest.param(-1, -150, SIGN, id="half of it, a tie"),
        pytest.param(3, -151, 1, id="three quarters of it"),
        pytest.param((1 << 24) - 1, -150, 0x0080_0000, id="up to the smallest normal number"),
        # Less than half a place is dropped. Rounded to 24 bits first it would be half, a tie that goes up: 0x200002.
        pytest.param((0x20_0001 << 20) + (1 << 19) - 1, -169, 0x20_0001, id="rounded once, not twice"),
        pytest.param(-1, -1024, SIGN, id="far below the smallest"),
    ],
)
def test_corner(total, exponent, expected):
    assert bits(total, exponent) == expected


@pytest.mark.parametrize("total", [-5, 0, 5])
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((1, 0, 0), CANONICAL_NAN), ((0, 1, 0), INFINITY), ((0, 0, 1), SIGN | INFINITY), ((0, 1, 1), CANONICAL_NAN),
        ((1, 1, 0), CANONICAL_NAN), ((1, 0, 1), CANONICAL_NAN), ((1, 1, 1), CANONICAL_NAN),
    ],
)
def test_a_flag_decides_whatever_the_sum(total, flags, expected):
    assert bits(total, 0, *flags) == expected


def test_arguments_broadcast():
    table = term_round(np.arange(3)[:, None], np.arange(5, dtype=np.int32), *no_flags(()))
    assert (table.shape, table.dtype) == ((3, 5), np.uint32)


def test_what_is_out_of_range_or_of_another_dtype_is_refused():
    with pytest.raises(ValueError, match="total goes up to 4398046511104 in magnitude: expected less than"):
        bits(1 << 42, 0)
    with pytest.raises(ValueError, match="exponent goes up to 1025 in magnitude"):
        bits(1, -1025)
    with pytest.raises(TypeError, match="total is int32: expected int64"):
        term_round(np.int32(1), np.int32(0), *no_flags(()))
    with pytest.raises(TypeError, match="nan is int64: expected bool"):
        term_round(np.int64(1), np.int32(0), np.int64(0), *no_flags(())[1:])


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

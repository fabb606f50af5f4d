"""Do the three scale rules choose the power of two that exact arithmetic chooses?"""

import math
from fractions import Fraction

import numpy as np
import pytest

from zhenwu.cosim.numerics import block_scale as cosim
from zhenwu.golden.numerics.block_scale import SCALE_RULES, block_scale
from zhenwu.spec.formats import E2M1, E4M3, E8M0_BIAS, E8M0_NAN

INFINITY = 0x7F80_0000


def exponent(x):
    """floor(log2(x)) of a positive Fraction, exactly."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if x >= Fraction(2) ** guess else guess - 1


def reference(word, element, rule):
    """The byte by the rule's own words, in fractions: no bits, no floats."""
    amax = Fraction(float(np.uint32(word).view(np.float32)))
    if amax == 0:
        return 0
    if rule == "floor":
        power = exponent(amax) - element.emax
    elif rule == "even":
        place = Fraction(2) ** (exponent(amax) - element.mantissa_bits)
        power = exponent(round(amax / place) * place) - element.emax  # round() of a Fraction goes to even
    else:
        ratio = amax / Fraction(element.value(element.largest_code))
        power = exponent(ratio) + (ratio != Fraction(2) ** exponent(ratio))
    return min(max(power + E8M0_BIAS, 0), E8M0_NAN - 1)


def words():
    """Every exponent, at the fractions where a rule may turn, and random ones."""
    turning = [0, 1, 0x3F_FFFF, 0x40_0000, 0x40_0001, 0x5F_FFFF, 0x60_0000, 0x60_0001, 0x6F_FFFF, 0x70_0000]
    turning += [0x70_0001, 0x77_FFFF, 0x78_0000, 0x78_0001, 0x7F_FFFF]
    every = [field << 23 | fraction for field in range(255) for fraction in turning]
    return [*every, *np.random.default_rng(1).integers(0, INFINITY, 2000).tolist()]


@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize("element", [E2M1, E4M3])
def test_each_rule_is_what_its_words_say(element, rule):
    chosen = block_scale(np.array(words(), np.uint32), element, rule)
    assert chosen.tolist() == [reference(word, element, rule) for word in words()]


@pytest.mark.parametrize("element", [E2M1, E4M3])
def test_rceil_is_the_smallest_scale_that_saturates_nothing(element):
    word = np.random.default_rng(2).integers(0x2000_0000, 0x7000_0000, 5000).astype(np.uint32)
    byte = block_scale(word, element, "rceil").astype(int)
    amax, largest = word.view(np.float32).astype(np.float64), element.value(element.largest_code)
    assert np.all(amax <= largest * np.ldexp(1.0, byte - E8M0_BIAS))
    assert np.all(amax > largest * np.ldexp(1.0, byte - 1 - E8M0_BIAS))


@pytest.mark.parametrize("element", [E2M1, E4M3])
def test_the_bench_visits_every_fraction_at_which_a_rule_turns(element):
    """Within one binade each rule's byte changes at most once, and the bench's fractions stand on both sides of it."""
    fractions = cosim.turning(element)
    for rule in SCALE_RULES:
        turned = [reference(100 << 23 | fraction, element, rule) for fraction in range(0, 1 << 23, 1 << 14)]
        assert turned == sorted(turned)
        met = [reference(100 << 23 | fraction, element, rule) for fraction in fractions]
        assert {*met} == {*turned}
        up = [fraction for fraction, byte in zip(fractions, met, strict=True) if byte > met[0]]
        assert not up or reference(100 << 23 | up[0] - 1, element, rule) == met[0] and up[0] - 1 in fractions


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_byte(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


@pytest.mark.parametrize("rule", SCALE_RULES)
def test_just_under_a_power_of_two_is_where_a_logarithm_fails(rule):
    """float32 log2 of the largest number under 2^20 is 20; the exponent is 19."""
    under = np.nextafter(np.float32(2**20), np.float32(0))
    assert math.floor(np.log2(under)) == 20
    expected = {"floor": 19, "even": 20, "rceil": 20}[rule] - E2M1.emax + E8M0_BIAS
    assert block_scale(under.view(np.uint32), E2M1, rule) == expected


@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize("word", [INFINITY, INFINITY + 1, 0x7FFF_FFFF])
def test_infinity_and_nan_give_the_nan_byte(word, rule):
    assert block_scale(np.uint32(word), E2M1, rule) == E8M0_NAN


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="scale rule 'ceil': expected one of floor, even, rceil"):
        block_scale(np.uint32(0), E2M1, "ceil")


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}

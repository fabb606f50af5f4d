"""Cosimulation of the float32 adder: every kind of alignment, cancellation, rounding and special operand.

A random pair of floats lies some 85 binades apart, where the sum is the larger one. So most vectors are built:
exponents close together, fractions with few ones or few zeros, which make ties and long carries.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from hdl.numerics.fp32_add import fp32_add, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32

FRACTION_BITS = FLOAT32.mantissa_bits
PRECISION = FRACTION_BITS + 1
UNITS_OF_INFINITY = 1 << (128 + 149)  # all float32 are whole multiples of the smallest subnormal, 2**-149
SIGN = 1 << FLOAT32.magnitude_bits
MAGNITUDE = SIGN - 1
LARGEST = FLOAT32.largest_code
INFINITY = LARGEST + 1
QUIET = 1 << (FRACTION_BITS - 1)  # the fraction bit that tells a quiet NaN
SMALLEST_NORMAL = 1 << FRACTION_BITS

ORACLE = "golden fp32_add, held to numpy's float32 sum"
NOT_CHECKED = "most of the 2**64 pairs; exception flags and NaN payloads, which the adder does not have"
BINS = {
    "cp_x_larger": "the operands change places, or not",
    "cp_y_larger": "the operands change places, or not",
    "cp_equal_magnitudes": "neither is larger: the sign comes from the rule for equals",
    "cp_plus_plus": "signs",
    "cp_plus_minus": "signs",
    "cp_minus_plus": "signs",
    "cp_minus_minus": "signs",
    "cp_carry": "same signs: the sum reaches the next binade, and the bit that falls out must count",
    "cp_no_carry": "same signs: the sum stays in its binade",
    "cp_same_exponent": "no alignment",
    "cp_one_binade_apart": "the only alignment after which a long cancellation is still possible",
    "cp_within_the_significand": "2 to 23 binades apart: the fractions overlap",
    "cp_at_the_rounding_bits": "24 to 26 binades apart: the smaller one reaches guard, round and sticky only",
    "cp_sticky_only": "more than 26 binades apart: all that is left of the smaller one is that it is not zero",
    "cp_cancel_1": "the sum loses its leading place: << 1",
    "cp_cancel_2_3": "<< 2 or 3",
    "cp_cancel_4_7": "<< 4 to 7",
    "cp_cancel_8_15": "<< 8 to 15",
    "cp_cancel_16_23": "<< 16 to 23: hardly a bit is left",
    "cp_cancels_to_subnormal": "normal operands whose difference is subnormal: the shift stops at exponent 1",
    "cp_cancels_to_zero": "x - x is +0, whichever operand is negative",
    "cp_exact": "nothing is dropped",
    "cp_round_down": "less than half an ulp dropped",
    "cp_round_up": "more than half an ulp dropped",
    "cp_tie_to_even_down": "half an ulp dropped and an even rest: stays",
    "cp_tie_to_even_up": "half an ulp dropped and an odd rest: goes up",
    "cp_sticky_above_tie": "half an ulp and a little more, far to the right: no tie",
    "cp_sticky_below_tie": "half an ulp less a little: no tie either",
    "cp_rounding_carries": "rounding up all ones: the carry reaches the exponent",
    "cp_subnormals": "two subnormal operands: no leading ones",
    "cp_subnormal_and_normal": "one subnormal operand, aligned from exponent 1",
    "cp_subnormal_sum": "the sum is subnormal: no leading one, exponent field 0",
    "cp_subnormals_reach_normal": "two subnormals add up to a normal number",
    "cp_plus_zero_plus_zero": "+0",
    "cp_zeros_of_both_signs": "+0 + -0 is +0, in both orders",
    "cp_minus_zero_minus_zero": "-0, the only sum that is",
    "cp_zero_and_number": "a zero of any sign changes nothing",
    "cp_largest_stays": "less than half an ulp past the largest: rounds down to it",
    "cp_overflow_by_rounding": "from half an ulp past the largest on: infinity",
    "cp_overflow_by_carry": "the exact sum is past 2**128",
    "cp_overflow_negative": "-Inf",
    "cp_infinity_and_finite": "infinity stays, with its sign",
    "cp_like_infinities": "Inf + Inf",
    "cp_opposite_infinities": "Inf - Inf is NaN",
    "cp_quiet_nan": "a NaN operand, its payload and sign dropped",
    "cp_signalling_nan": "the fraction without the quiet bit; with the smallest payload it is next to infinity",
    "cp_negative_nan": "the result's sign is clear all the same",
    "cp_two_nans": "NaN + NaN",
    "cp_nan_and_infinity": "NaN wins",
}

# Magnitudes at which something changes: zero, subnormals, normals, one and half its ulp, the largest and half its
# ulp, infinity, NaNs, and their neighbours.
ONE, HALF_ULP, TOP_HALF_ULP = 127 << FRACTION_BITS, 103 << FRACTION_BITS, 230 << FRACTION_BITS
EDGES = [0, 1, 2, 3, SMALLEST_NORMAL // 2, SMALLEST_NORMAL - 1, SMALLEST_NORMAL, SMALLEST_NORMAL + 1, ONE - 1, ONE]
EDGES += [ONE + 1, HALF_ULP - 1, HALF_ULP, HALF_ULP + 1, TOP_HALF_ULP - 1, TOP_HALF_ULP, LARGEST - 1, LARGEST]
EDGES += [INFINITY, INFINITY + 1, INFINITY + QUIET - 1, CANONICAL_NAN, MAGNITUDE]
# One pair for each bin that chance seldom fills.
SPECIMENS = [(0, 0), (0, SIGN), (SIGN, 0), (SIGN, SIGN), (SIGN, ONE), (ONE, ONE | SIGN), (1 | SIGN, 1)]
SPECIMENS += [(ONE, HALF_ULP), (ONE + 1, HALF_ULP), (ONE, HALF_ULP + 1), (ONE, HALF_ULP - 1), (ONE - 1, HALF_ULP - 1)]
SPECIMENS += [(2 * SMALLEST_NORMAL, SMALLEST_NORMAL + 5 | SIGN), (SMALLEST_NORMAL - 1, 1), (SMALLEST_NORMAL - 1, ONE)]
SPECIMENS += [(LARGEST, TOP_HALF_ULP), (LARGEST, TOP_HALF_ULP - 1), (LARGEST | SIGN, LARGEST | SIGN), (ONE, 99 << 23)]
SPECIMENS += [(INFINITY | SIGN, LARGEST), (INFINITY, INFINITY), (INFINITY, INFINITY | SIGN), (ONE, INFINITY + 1)]
SPECIMENS += [(CANONICAL_NAN, 0), (SIGN | CANONICAL_NAN, MAGNITUDE), (INFINITY, CANONICAL_NAN)]


def run(seed: int, quick: bool = False) -> Evidence:
    """One specimen of each rare case, edges against edges, pairs built for each part of the adder, any bits."""
    x, y = stimulus(np.random.default_rng(seed), 100 if quick else 1050)
    coverage = Coverage(BINS)
    for pair in zip(x.tolist(), y.tolist(), strict=True):
        for name in situations(*pair):
            coverage.hit(name)
    return check_combinational(
        fp32_add, ports, inputs={"x": x, "y": y}, outputs={"total": golden.fp32_add(x, y)},
        bins=coverage.hits, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"x": float32, "y": float32, "total": float32},
    )


def stimulus(rng: np.random.Generator, share: int) -> NDArray[np.uint32]:
    """Words x and y, [2, pairs]: the specimens and `share` of each of six recipes, shuffled."""
    large = rng.integers(0, 255, (2, share)) << FRACTION_BITS
    near = np.maximum(large - (rng.integers(0, 30, (2, share)) << FRACTION_BITS), 0)
    word = rng.integers(0, INFINITY, share)
    difference = rng.integers(0, SMALLEST_NORMAL, share) >> rng.integers(0, 24, share)
    magnitudes = [
        rng.choice(EDGES, (2, share)),
        (large[0] + rng.integers(0, SMALLEST_NORMAL, share), near[0] + run_of_ones(rng, share)),
        (large[1] + run_of_ones(rng, share), near[1] + run_of_ones(rng, share)),
        (word, np.minimum(word + difference, LARGEST)),
        rng.integers(0, 3 * SMALLEST_NORMAL, (2, share)) >> rng.integers(0, 24, (2, share)),
        rng.integers(0, SIGN, (2, share)),
    ]
    pairs = np.concatenate(magnitudes, axis=1) | SIGN * rng.integers(0, 2, (2, 6 * share))
    pairs = rng.permuted(pairs, axis=0)
    return rng.permutation(np.concatenate([np.transpose(SPECIMENS), pairs], axis=1), axis=1).astype(np.uint32)


def run_of_ones(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Fractions that are one run of ones, or of zeros: they make ties and long carries, and random ones do not."""
    upper, lower = 1 << rng.integers(0, PRECISION, (2, count))
    return (upper - lower) & (SMALLEST_NORMAL - 1)


def situations(x: int, y: int) -> Iterator[str]:
    """The bins that a pair of words is in."""
    x_negative, y_negative = x >= SIGN, y >= SIGN
    x_magnitude, y_magnitude = x & MAGNITUDE, y & MAGNITUDE
    smaller, larger = sorted((x_magnitude, y_magnitude))
    if larger >= INFINITY:
        yield from special(x, y)
        return
    if larger == 0:
        yield ("cp_plus_zero_plus_zero", "cp_zeros_of_both_signs", "cp_minus_zero_minus_zero")[x_negative + y_negative]
        return
    if smaller == 0:
        yield "cp_zero_and_number"
        return
    yield f"cp_{'minus' if x_negative else 'plus'}_{'minus' if y_negative else 'plus'}"
    if x_magnitude == y_magnitude:
        yield "cp_equal_magnitudes"
    else:
        yield "cp_x_larger" if x_magnitude > y_magnitude else "cp_y_larger"
    if larger < SMALLEST_NORMAL:
        yield "cp_subnormals"
    elif smaller < SMALLEST_NORMAL:
        yield "cp_subnormal_and_normal"
    yield alignment(exponent(larger) - exponent(smaller))

    total = units(larger) + (units(smaller) if x_negative == y_negative else -units(smaller))
    if total == 0:
        yield "cp_cancels_to_zero"
        return
    yield from normalisation(larger, total, x_negative != y_negative)
    yield from rounding(total)
    if total >= UNITS_OF_INFINITY and (x_negative if x_magnitude == larger else y_negative):
        yield "cp_overflow_negative"


def exponent(magnitude: int) -> int:
    """The exponent field by which a finite magnitude is weighted: a subnormal counts as field 1."""
    return max(magnitude >> FRACTION_BITS, 1)


def units(magnitude: int) -> int:
    """A finite magnitude as a multiple of 2**-149."""
    leading_one = SMALLEST_NORMAL if magnitude >= SMALLEST_NORMAL else 0
    return (magnitude % SMALLEST_NORMAL + leading_one) << (exponent(magnitude) - 1)


def special(x: int, y: int) -> Iterator[str]:
    """The bins of a pair with a NaN or an infinity."""
    nans = [word for word in (x, y) if word & MAGNITUDE > INFINITY]
    infinities = [word for word in (x, y) if word & MAGNITUDE == INFINITY]
    for nan in nans:
        yield "cp_quiet_nan" if nan & QUIET else "cp_signalling_nan"
        if nan >= SIGN:
            yield "cp_negative_nan"
    if nans:
        if len(nans) == 2:
            yield "cp_two_nans"
        if infinities:
            yield "cp_nan_and_infinity"
    elif len(infinities) == 1:
        yield "cp_infinity_and_finite"
    else:
        yield "cp_like_infinities" if x == y else "cp_opposite_infinities"


def alignment(distance: int) -> str:
    """The bin of operands whose exponents differ by `distance`."""
    if distance < 2:
        return "cp_one_binade_apart" if distance else "cp_same_exponent"
    if distance < PRECISION:
        return "cp_within_the_significand"
    return "cp_at_the_rounding_bits" if distance < PRECISION + 3 else "cp_sticky_only"


def normalisation(larger: int, total: int, subtract: bool) -> Iterator[str]:
    """The bins of how far a sum of `total` units lies from the leading place of its larger operand."""
    length = total.bit_length()
    moved = units(larger).bit_length() - length
    if length <= FRACTION_BITS:
        yield "cp_subnormal_sum"
        if larger >= SMALLEST_NORMAL:
            yield "cp_cancels_to_subnormal"
    elif larger < SMALLEST_NORMAL:
        yield "cp_subnormals_reach_normal"
    elif not subtract:
        yield "cp_carry" if moved else "cp_no_carry"
    elif moved:
        lowest = 1 << (moved.bit_length() - 1)
        yield "cp_cancel_1" if moved == 1 else f"cp_cancel_{lowest}_{min(2 * lowest - 1, FRACTION_BITS)}"


def rounding(total: int) -> Iterator[str]:
    """The bins of how a sum of `total` units is rounded to 24 bits."""
    dropped = max(total.bit_length() - PRECISION, 0)
    kept, rest, half = total >> dropped, total % (1 << dropped), (1 << dropped) // 2
    up = 2 * rest > 1 << dropped or (dropped and rest == half and kept % 2)
    if rest == 0:
        yield "cp_exact"
    elif rest == half:
        yield "cp_tie_to_even_up" if up else "cp_tie_to_even_down"
    else:
        yield "cp_round_up" if up else "cp_round_down"
        if 4 * abs(rest - half) < half:  # guard and round alone would see a tie
            yield "cp_sticky_above_tie" if up else "cp_sticky_below_tie"
    rounded = (kept + bool(up)) << dropped
    if total >= UNITS_OF_INFINITY:
        yield "cp_overflow_by_carry"
    elif rounded >= UNITS_OF_INFINITY:
        yield "cp_overflow_by_rounding"
    elif rounded == units(LARGEST) and rest and not up:
        yield "cp_largest_stays"
    elif kept + bool(up) == 1 << PRECISION:
        yield "cp_rounding_carries"

"""Cosimulation of the rounder: sums of every length in two limbs, where results are normal, subnormal, out of range.

A random sum hardly ever comes near a tie. So most vectors are built from what a float32 keeps and what it drops: the
kept bits, one to round by, and below it nothing, one single bit far down, or all ones.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from hdl.numerics.term_round import ports, term_round
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import FLOAT32

LIMB = 14
LONGEST = 42  # bits of a sum's magnitude
PRECISION = FLOAT32.mantissa_bits + 1
SMALLEST = 1 - FLOAT32.bias - FLOAT32.mantissa_bits  # exponent of the smallest subnormal
FINITE_BITS = FLOAT32.emax + 1 - SMALLEST  # of the largest float32, in units of the smallest
HIGHEST = 1 << 27  # just above the largest high limb
CARRIES = 1 << (29 - LIMB)  # how far a low limb of 30 bits reaches into the high one

ORACLE = "golden term_round, held to exact fractions; and to scale_round on all that it can round"
NOT_CHECKED = "most of the 2**69 inputs; exponents past +-1,024, which no scales and no format reach"
BINS = {
    "cp_every_length": f"hit once sums of every length, 1 .. {LONGEST} bits, had a normal result: each shift upwards",
    "cp_exact": "a normal result that loses nothing",
    "cp_round_down": "less than half an ulp dropped",
    "cp_round_up": "more than half an ulp dropped",
    "cp_tie_to_even_down": "exactly half dropped and an even rest: stays",
    "cp_tie_to_even_up": "exactly half dropped and an odd rest: goes up",
    "cp_sticky_above_tie": "half and a single bit at the far end of the low limb: no tie",
    "cp_sticky_below_tie": "half less that bit: no tie either",
    "cp_rounding_carries": "rounding up all ones: the carry reaches the exponent",
    "cp_carry_to_infinity": "rounding up the largest float32 overflows",
    "cp_largest": "a result that is the largest float32 itself",
    "cp_overflow": "past the largest: +Inf",
    "cp_overflow_negative": "past the largest: -Inf",
    "cp_subnormal_exact": "a subnormal result that loses nothing",
    "cp_subnormal_round_down": "a subnormal keeps fewer bits, so the place to round at is another: down",
    "cp_subnormal_round_up": "and up",
    "cp_subnormal_tie_down": "a tie among the subnormals, even rest",
    "cp_subnormal_tie_up": "a tie among the subnormals, odd rest",
    "cp_subnormal_sticky": "a tie among the subnormals, if it were not for a last bit in the low limb",
    "cp_rounds_up_to_normal": "the largest subnormal, rounded up, is the smallest normal number",
    "cp_rounds_up_to_smallest": "just more than half the smallest subnormal becomes it",
    "cp_tie_to_zero": "half the smallest subnormal is a tie, and zero is even",
    "cp_underflow_to_plus_zero": "a positive value too small for any subnormal",
    "cp_underflow_to_minus_zero": "a negative one keeps its sign",
    "cp_zero": "a sum of 0 is +0, at either end of the exponents too",
    "cp_limbs_cancel": "limbs of both signs and a sum of 0",
    "cp_low_negative": "a negative low limb borrows from a high one that is positive",
    "cp_low_reaches_high": "a low limb of more than 14 bits: its carry counts",
    "cp_negative_whole_limb": "a negative sum whose lower limb is 0: no borrow",
    "cp_largest_limbs": "both limbs at their most negative: the longest sum of all",
    "cp_nan": "NaN whatever the sum",
    "cp_nan_and_infinity": "NaN wins over an infinity",
    "cp_plus_infinity": "+Inf whatever the sum",
    "cp_minus_infinity": "-Inf whatever the sum",
    "cp_both_infinities": "infinity less infinity is NaN",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Corners by design, then sums built around ties, at exponents of every kind of result."""
    high, low, exponent, flags = stimulus(np.random.default_rng(seed), 1 if quick else 8)
    total = (high << LIMB) + low
    coverage = Coverage(BINS)
    lengths = set()
    for vector in zip(high.tolist(), low.tolist(), exponent.tolist(), *flags.T.tolist(), strict=True):
        for name in situations(*vector, lengths):
            coverage.hit(name)
    coverage.hit("cp_every_length", lengths == set(range(1, LONGEST + 1)))
    nan, plus, minus = flags.T
    return check_combinational(
        term_round, ports,
        inputs={"high": high, "low": low, "exponent": exponent, "nan": nan, "plus_infinity": plus,
                "minus_infinity": minus},
        outputs={"value": golden.term_round(total, exponent, nan, plus, minus)},
        bins=coverage.hits, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed, numbers={"value": float32},
    )


# Results (sum, exponent): around the smallest subnormal, the smallest normal number, the largest one, and ties
CORNERS = [(total, SMALLEST - down) for total in (1, 2, 3, 5) for down in (0, 1, 2)]
CORNERS += [((1 << 41) + extra, SMALLEST - 42) for extra in (-1, 0, 1)]  # about half of the smallest
CORNERS += [((1 << PRECISION) - 1, SMALLEST - 1), ((1 << 41) - 1, SMALLEST - 18), ((1 << 23) - 1, SMALLEST)]
CORNERS += [((1 << length) - 1, 128 - length) for length in (24, 25, 26, 41)]  # all ones below infinity
CORNERS += [(((1 << 25) - 1) << 16, 87), ((((1 << 25) - 1) << 16) - 1, 87)]  # halfway to infinity, and just short
CORNERS += [(total, exponent) for total in (0, 1, 12345 << 14) for exponent in (-1024, -300, 0, 200, 1023)]
CORNERS += [((1 << length) - near, -20) for length in range(1, LONGEST) for near in (0, 1)]  # either side of a shift
CORNERS += [((1 << length - 1) + (1 << length - 25) + (1 << bit), -20)  # a tie but for one bit, wherever it is
            for length in (41, 40, 39, 37, 33, 29, 27) for bit in range(length - 25)]
CORNERS += [(1, 127), (1, 128), (3, 127)]
CORNERS += [(((1 << 24) + odd << 17) + (1 << 16) + near, -20) for odd in (0, 1) for near in (-1, 0, 1)]
# (high, low): the ends of both limbs, and limbs that cancel
EXTREMES = [(-HIGHEST, -1 << 29), (HIGHEST - 1, (1 << 29) - 1), (-HIGHEST, 0), (5, -1)]
EXTREMES += [(1, -1 << LIMB), (-1, 1 << LIMB)]


def stimulus(rng: np.random.Generator, times: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """high, low, exponent [vectors] and flags bool[vectors, 3]: corners and special values, then `times` 1200."""
    corner = [(sign * total, exponent) for total, exponent in CORNERS for sign in (1, -1)]
    built = [near_tie(rng) for _ in range(900 * times)]
    sizes = rng.integers(1, LONGEST, 300 * times)
    plain = zip(rng.integers(-1 << sizes, 1 << sizes), rng.integers(-330, 260, sizes.size), strict=True)
    total, exponent = np.array([*corner, *built, *plain], np.int64).T
    # Any part of a sum may stand in the low limb, as long as the high one has room for the rest.
    reach = rng.choice([0, 1, 3, 1 << 9, CARRIES], total.size)
    low = (total & ((1 << LIMB) - 1)) + (rng.integers(-reach, np.maximum(reach, 1)) << LIMB)
    high = np.clip(total - low >> LIMB, -HIGHEST, HIGHEST - 1)
    low = total - (high << LIMB)
    high = np.concatenate([high, np.repeat([high for high, _ in EXTREMES], 2)])
    low = np.concatenate([low, np.repeat([low for _, low in EXTREMES], 2)])
    exponent = np.concatenate([exponent, np.tile([-20, -175], len(EXTREMES))]).astype(np.int32)
    flags = np.zeros((high.size, 3), bool)
    chosen = rng.permutation(high.size)[: 8 * 8 * times]
    flags[chosen] = (np.arange(chosen.size)[:, None] >> np.arange(3)) & 1
    order = rng.permutation(high.size)
    return high[order], low[order], exponent[order], flags[order]


def near_tie(rng: np.random.Generator) -> tuple[int, int]:
    """A sum and an exponent: kept bits, half an ulp, a little more or less; normal, subnormal or about to overflow."""
    kept, dropped = int(rng.integers(1, PRECISION + 1)), int(rng.integers(0, LONGEST - PRECISION))
    normal = kept == PRECISION or rng.random() < 0.3
    if normal:
        kept = PRECISION
    bits = int(rng.choice([(1 << kept) - 1, 1 << kept - 1, int(rng.integers(1 << kept - 1, 1 << kept))]))
    half = 1 << dropped >> 1
    bit = 1 << int(rng.integers(0, max(dropped - 1, 1)))
    rest = int(rng.choice([0, half, half + 1, half - 1, half + bit, int(rng.integers(0, 1 << dropped))]))
    rest %= 1 << dropped
    place = int(rng.choice([SMALLEST, SMALLEST + 1, -20, 103, 104])) if normal else SMALLEST  # of the last bit kept
    return int(rng.choice([-1, 1])) * ((bits << dropped) + rest), place - dropped


def situations(
    high: int, low: int, exponent: int, nan: bool, plus: bool, minus: bool, lengths: set[int]
) -> Iterator[str]:
    """The bins that a vector is in; `lengths` grows by that of a sum with a normal result."""
    if nan or plus or minus:
        yield from specials(nan, plus, minus)
        return
    total = (high << LIMB) + low
    if total == 0:
        yield "cp_limbs_cancel" if high else "cp_zero"
        return
    if low < 0 < high:
        yield "cp_low_negative"
    if abs(low) >= 1 << LIMB:
        yield "cp_low_reaches_high"
    if total < 0 and total % (1 << LIMB) == 0:
        yield "cp_negative_whole_limb"
    if (high, low) == (-HIGHEST, -1 << 29):
        yield "cp_largest_limbs"
    negative, size = total < 0, abs(total)
    length = size.bit_length()
    place = max(length - PRECISION + exponent, SMALLEST)  # exponent of the result's last bit
    dropped = place - exponent
    kept, rest = (size >> dropped, size % (1 << dropped)) if dropped > 0 else (size << -dropped, 0)
    half = 1 << dropped >> 1 if dropped > 0 else 1
    up = rest > half or (rest == half and kept % 2 == 1)
    if kept + up << place - SMALLEST >= 1 << FINITE_BITS:
        yield "cp_overflow_negative" if negative else "cp_overflow"
        if kept << place - SMALLEST < 1 << FINITE_BITS:
            yield "cp_carry_to_infinity"
    elif kept >> PRECISION - 1:
        lengths.add(length)
        yield from roundings(kept, rest, half)
        if up and kept == (1 << PRECISION) - 1:
            yield "cp_rounding_carries"
        if kept + up << place - SMALLEST == (1 << FINITE_BITS) - (1 << FINITE_BITS - PRECISION):
            yield "cp_largest"
    else:
        yield from subnormals(kept, rest, half, negative)


def specials(nan: bool, plus: bool, minus: bool) -> Iterator[str]:
    """The bins of a vector with a flag."""
    if nan:
        yield "cp_nan_and_infinity" if plus or minus else "cp_nan"
    elif plus and minus:
        yield "cp_both_infinities"
    else:
        yield "cp_plus_infinity" if plus else "cp_minus_infinity"


def roundings(kept: int, rest: int, half: int) -> Iterator[str]:
    """The bins of a normal result: its significand `kept`, and what is dropped."""
    if rest == 0:
        yield "cp_exact"
    elif rest == half:
        yield "cp_tie_to_even_up" if kept % 2 else "cp_tie_to_even_down"
    else:
        yield "cp_round_up" if rest > half else "cp_round_down"
        if half >= 1 << 8 and abs(rest - half) == 1:
            yield "cp_sticky_above_tie" if rest > half else "cp_sticky_below_tie"


def subnormals(kept: int, rest: int, half: int, negative: bool) -> Iterator[str]:
    """The bins of a subnormal result, zero among them."""
    if rest == 0:
        yield "cp_subnormal_exact"
    elif kept == 0:
        if rest > half:
            yield "cp_rounds_up_to_smallest"
        else:
            yield "cp_underflow_to_minus_zero" if negative else "cp_underflow_to_plus_zero"
        if rest == half:
            yield "cp_tie_to_zero"
    elif rest == half:
        yield "cp_subnormal_tie_up" if kept % 2 else "cp_subnormal_tie_down"
    else:
        yield "cp_subnormal_round_up" if rest > half else "cp_subnormal_round_down"
        if half >= 1 << 8 and abs(rest - half) == 1:
            yield "cp_subnormal_sticky"
    if rest >= half and rest and kept == (1 << PRECISION - 1) - 1:
        yield "cp_rounds_up_to_normal"

"""Cosimulation of scale and round: dots of all sizes where results are normal, subnormal and out of range."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from hdl.numerics.scale_round import ports, scale_round
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32, scaled
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import E8M0_BIAS, E8M0_NAN, PRODUCT_UNIT_EXPONENT

ORACLE = "golden scale_round, held to libm's float32 ldexp for every dot at every sum of scales"
NOT_CHECKED = "most of the 2**30 inputs"
BINS = {
    "cp_normal": "no rounding: a dot has fewer bits than a significand",
    "cp_largest_dot": "-8192, whose magnitude alone needs 14 bits",
    "cp_one_bit_dot": "a single bit moves all the way up to the leading place",
    "cp_subnormal_exact": "a subnormal result that loses nothing",
    "cp_round_down": "a subnormal result, less than half an ulp dropped",
    "cp_round_up": "a subnormal result, more than half an ulp dropped",
    "cp_tie_to_even_down": "exactly half dropped and an even rest: stays",
    "cp_tie_to_even_up": "exactly half dropped and an odd rest: goes up",
    "cp_rounds_up_to_smallest": "what lies between a half and one smallest subnormal becomes it",
    "cp_underflow_to_plus_zero": "a positive value too small for any subnormal",
    "cp_underflow_to_minus_zero": "a negative one keeps its sign",
    "cp_tie_to_zero": "half the smallest subnormal is a tie, and zero is even",
    "cp_largest_exponent": "a result in the last binade before infinity",
    "cp_overflow": "past the largest: +Inf",
    "cp_overflow_negative": "past the largest: -Inf",
    "cp_zero_dot": "+0, also of two scales that would overflow",
    "cp_zero_dot_far_out": "a zero dot at the ends of the scale range",
    "cp_scale_a_nan": "byte 255 of a alone",
    "cp_scale_b_nan": "byte 255 of b alone",
    "cp_both_scales_nan": "byte 255 twice",
    "cp_zero_dot_nan_scale": "NaN wins over zero",
    "cp_scales_far_apart": "a tiny and a huge scale: neither is lost in the sum",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Corners by design, then random dots where the exponent is free, near underflow and near overflow."""
    dot, scale_a, scale_b = stimulus(np.random.default_rng(seed), 300 if quick else 3300)
    coverage = Coverage(BINS)
    for vector in zip(dot.tolist(), scale_a.tolist(), scale_b.tolist(), strict=True):
        for name in situations(*vector):
            coverage.hit(name)
    return check_combinational(
        scale_round, ports, inputs={"dot": dot, "scale_a": scale_a, "scale_b": scale_b},
        outputs={"value": golden.scale_round(dot, scale_a, scale_b)},
        bins=coverage.hits, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"value": float32, "dot": scaled(PRODUCT_UNIT_EXPONENT)},
    )


# (dot, sum of the two scale bytes): value = dot * 2**(sum - 256), the smallest subnormal is 2**-149
EDGES = (92, *range(105, 125), 370, 371, 372, 383, 384)  # 107 .. 124: where each shift may not pass exponent 1
CORNERS = [(dot, total) for total in EDGES for dot in (1, -1, 3, -8192)]
CORNERS += [(dot, total) for total in (0, 508) for dot in (0, 1, -1, 8191)]
CORNERS += [(sign * dot, 106) for sign in (1, -1) for dot in (1, 2, 3)]  # a half, one, one and a half of the smallest
CORNERS += [(sign * dot, 104) for sign in (1, -1) for dot in range(1, 32)]  # eighths of the smallest
CORNERS += [(dot, 93) for dot in (4096, 4097, -4096, -4097, 8191)]  # about half of the smallest


def stimulus(
    rng: np.random.Generator, count: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    """dot, scale_a, scale_b: CORNERS and NaNs, then `count` at random."""
    corner = np.array(CORNERS)
    nan = np.array([[dot, a, b] for dot in (0, -5) for a in (0, 127, 255) for b in (0, 127, 255)])
    third = count // 3
    total = np.concatenate([rng.integers(90, 120, third), rng.integers(366, 388, third)])
    sizes = rng.integers(0, 14, total.size)
    dot = rng.integers(-1 << sizes, 1 << sizes)
    any_scale = rng.integers(0, 256, (count - 2 * third, 2))
    dot = np.concatenate([corner[:, 0], dot, rng.integers(-8192, 8192, count - 2 * third), nan[:, 0]])
    total = np.concatenate([corner[:, 1], total])
    scale_a = rng.integers(np.maximum(total - 254, 0), np.minimum(total, 254) + 1)
    scale_b = np.concatenate([total - scale_a, any_scale[:, 1], nan[:, 2]])
    scale_a = np.concatenate([scale_a, any_scale[:, 0], nan[:, 1]])
    order = rng.permutation(dot.size)
    return dot[order].astype(np.int32), scale_a[order].astype(np.uint8), scale_b[order].astype(np.uint8)


def situations(dot: int, scale_a: int, scale_b: int) -> Iterator[str]:
    """The bins that a vector is in."""
    nan_a, nan_b = scale_a == E8M0_NAN, scale_b == E8M0_NAN
    if nan_a or nan_b:
        yield "cp_both_scales_nan" if nan_a and nan_b else "cp_scale_a_nan" if nan_a else "cp_scale_b_nan"
        if dot == 0:
            yield "cp_zero_dot_nan_scale"
        return
    if abs(scale_a - scale_b) > 200:
        yield "cp_scales_far_apart"
    if dot == 0:
        yield "cp_zero_dot"
        if scale_a + scale_b in (0, 2 * E8M0_NAN - 2):
            yield "cp_zero_dot_far_out"
        return
    if dot == -8192:
        yield "cp_largest_dot"
    # |value| = magnitude * 2**unit, and 2**-149 is the smallest subnormal
    magnitude, unit = abs(dot), PRODUCT_UNIT_EXPONENT + scale_a + scale_b - 2 * E8M0_BIAS
    exponent = magnitude.bit_length() - 1 + unit
    if exponent > 127:
        yield "cp_overflow" if dot > 0 else "cp_overflow_negative"
    elif exponent >= -126:
        yield "cp_normal"
        if exponent == 127:
            yield "cp_largest_exponent"
        if magnitude == 1:
            yield "cp_one_bit_dot"
    else:
        yield from roundings(magnitude, -149 - unit, dot < 0)


def roundings(magnitude: int, dropped: int, negative: bool) -> Iterator[str]:
    """The bins of a subnormal result that keeps all but the lowest `dropped` bits of `magnitude`."""
    if dropped <= 0 or magnitude % (1 << dropped) == 0:
        yield "cp_subnormal_exact"
        return
    kept, rest, half = magnitude >> dropped, magnitude % (1 << dropped), 1 << (dropped - 1)
    if rest == half:
        yield "cp_tie_to_even_up" if kept % 2 else "cp_tie_to_even_down"
        if kept == 0:
            yield "cp_tie_to_zero"
    else:
        yield "cp_round_up" if rest > half else "cp_round_down"
    if kept == 0 and rest > half:
        yield "cp_rounds_up_to_smallest"
    if kept == 0 and rest <= half:
        yield "cp_underflow_to_minus_zero" if negative else "cp_underflow_to_plus_zero"

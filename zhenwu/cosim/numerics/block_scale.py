"""Cosimulation of the scale rules: at every exponent, the fractions where one of them turns, and those beside."""

from collections.abc import Iterator

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.numerics.block_scale import block_scale, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import E2M1, E4M3, E8M0_BIAS, E8M0_NAN, FLOAT32, SCALE_RULES, FloatFormat

ELEMENTS = (E2M1, E4M3)
FRACTION_BITS = FLOAT32.mantissa_bits
ONE = 1 << FRACTION_BITS  # in units of a fraction
INFINITY = FLOAT32.largest_code + 1
FLOOR, EVEN, RCEIL = range(len(SCALE_RULES))

ORACLE = "golden block_scale, held to the rules' own words in exact fractions"
NOT_CHECKED = "most magnitudes between the turning points; rule 3, which the sequencer traps"
BINS = {
    "cp_every_rule": "hit once each rule has been asked for each element",
    "cp_zero": "no exponent at all: scale 0",
    "cp_subnormal": "a subnormal amax: scale 0",
    "cp_clamped": "a normal amax whose scale would be below 2**-127",
    "cp_smallest": "scale 0 without a clamp",
    "cp_clamp_saved_by_a_carry": "the exponent alone is clamped, with the carry it is just scale 0",
    "cp_largest": "the largest exponent: 254 less emax",
    "cp_carry_out_of_the_largest": "even and rceil carry the largest float to 255 less emax, which is no NaN",
    "cp_infinity": "infinity gives the NaN byte",
    "cp_nan": "so does a NaN",
    "cp_just_under_a_power_of_two": "where a computed log2 is one too large: floor must not move up",
    "cp_even_moves_up": "rounding to the element's mantissa reaches the next power of two",
    "cp_even_tie": "exactly half of the element's last place below it: up, to the even mantissa",
    "cp_even_stays": "one ulp less: not",
    "cp_rceil_moves_up": "one ulp past the largest element: the next power of two",
    "cp_rceil_stays": "exactly the largest element: that fits",
}


def turning(element: FloatFormat) -> list[int]:
    """The fractions at which a rule changes its mind, or the largest element rounds another way, and those beside."""
    last_place = 1 << (FRACTION_BITS - element.mantissa_bits)
    largest = (element.largest_code & ((1 << element.mantissa_bits) - 1)) * last_place
    points = (0, largest, largest + last_place // 2, ONE - last_place // 2)
    return sorted({(point + beside) % ONE for point in points for beside in (-1, 0, 1)})


def run(seed: int, quick: bool = False) -> Evidence:
    """Every exponent, or in a quick run both ends and some between, with all turning fractions and a random one."""
    rng = np.random.default_rng(seed)
    top = INFINITY >> FRACTION_BITS
    exponents = [*range(12), *rng.integers(12, 240, 8).tolist(), *range(240, top)] if quick else range(top)
    vectors = [
        (word, fmt, rule)
        for fmt, element in enumerate(ELEMENTS)
        for rule in range(len(SCALE_RULES))
        for word in (
            *(exponent * ONE + fraction for exponent in exponents for fraction in turning(element)),
            *(exponent * ONE + int(rng.integers(ONE)) for exponent in exponents),
            INFINITY, INFINITY + 1, INFINITY + int(rng.integers(1, ONE)),
        )
    ]
    amax, fmt, rule = np.array(vectors, np.uint32).T
    scale = np.zeros(amax.size, np.uint8)
    coverage = Coverage(BINS)
    for chosen_fmt, element in enumerate(ELEMENTS):
        for chosen_rule, name in enumerate(SCALE_RULES):
            chosen = (fmt == chosen_fmt) & (rule == chosen_rule)
            scale[chosen] = golden.block_scale(amax[chosen], element, name)
    for word, *rest, byte in zip(amax.tolist(), fmt.tolist(), rule.tolist(), scale.tolist(), strict=True):
        for name in situations(word, *rest, byte):
            coverage.hit(name)
    coverage.hit("cp_every_rule", len({vector[1:] for vector in vectors}) == len(ELEMENTS) * len(SCALE_RULES))
    return check_combinational(
        block_scale, ports, inputs={"amax": amax, "fmt": fmt, "rule": rule}, outputs={"scale": scale},
        bins=coverage.hits, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"amax": float32, "scale": scale_value, "rule": lambda place: SCALE_RULES[place]},
    )


def scale_value(byte: int) -> str:
    """The value of a scale byte."""
    return "nan" if byte == E8M0_NAN else f"2**{byte - E8M0_BIAS}"


def situations(word: int, fmt: int, rule: int, byte: int) -> Iterator[str]:
    """The bins that a magnitude is in under a rule that gave `byte`."""
    element = ELEMENTS[fmt]
    exponent, fraction = divmod(word, ONE)
    if word >= INFINITY:
        yield "cp_infinity" if word == INFINITY else "cp_nan"
        return
    if word == 0:
        yield "cp_zero"
    elif exponent == 0:
        yield "cp_subnormal"
    elif exponent < element.emax - 1:
        yield "cp_clamped"
    elif exponent == element.emax and byte == 0:
        yield "cp_smallest"
    elif exponent == INFINITY // ONE - 1:
        yield "cp_largest" if byte == exponent - element.emax else "cp_carry_out_of_the_largest"
    half = 1 << (FRACTION_BITS - element.mantissa_bits - 1)
    largest = (element.largest_code << (FRACTION_BITS - element.mantissa_bits)) % ONE
    if rule == FLOOR:
        if fraction == ONE - 1:
            yield "cp_just_under_a_power_of_two"
        return
    if exponent == element.emax - 1 and fraction == ONE - 1:
        yield "cp_clamp_saved_by_a_carry"
    if rule == EVEN:
        if fraction > ONE - half:
            yield "cp_even_moves_up"
        elif fraction == ONE - half:
            yield "cp_even_tie"
        elif fraction == ONE - half - 1:
            yield "cp_even_stays"
    elif fraction == largest + 1:
        yield "cp_rceil_moves_up"
    elif fraction == largest:
        yield "cp_rceil_stays"
